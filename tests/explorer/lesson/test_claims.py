"""What the lesson says of its models is what they do, in every language."""

import json
import math
import re
from collections.abc import Callable

import torch
from torch.nn.functional import one_hot

from explorer import i18n
from explorer.lesson.screens import SCREENS, Screen, notes, prose
from explorer.settings import CHECKPOINTS, FRONTEND
from model import checkpoint, metrics
from model.checkpoint import Checkpoint
from model.config import TrainConfig, from_json
from model.data import Split
from model.format import read_metadata
from model.losses import kl, reconstruction


def says(screen: str, number: str, told: Callable[[Screen], str] = prose) -> bool:
    """Whether a screen's prose, or another of its texts, holds a number in each language."""
    found = next(found for found in SCREENS if found.name == screen)
    for code in i18n.LANGUAGES:
        with i18n.using_language(code):
            if number not in told(found):
                return False
    return True


def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def latents(name: str) -> torch.Tensor:
    return checkpoint.load(CHECKPOINTS / f"{name}.safetensors").mu


def test_how_long_and_on_what_the_models_were_trained(train_digits: Split) -> None:
    trained = {
        path.stem: from_json(TrainConfig, read_metadata(path)["train"]) for path in CHECKPOINTS.glob("*.safetensors")
    }
    steps = [config.epochs * math.ceil(len(train_digits.images) / config.batch) for config in trained.values()]
    assert says("training", f"{min(steps):,}")
    assert says("training", f"{max(steps):,}")
    assert {name for name, config in trained.items() if config.input_dropout < 0.2} == {"vae-mnist-baseline"}


def test_how_little_comes_after_the_13th_epoch(train_digits: Split) -> None:
    rows = json.loads(read_metadata(CHECKPOINTS / "vae-mnist-baseline.safetensors")["history"])
    losses = {row["epoch"]: row["test_reconstruction"] + row["test_kl"] for row in rows}
    gained = losses[13] - losses[15]
    assert says("training", f"{gained:.1f} ")
    assert gained < 0.05 * (losses[1] - losses[15])
    assert says("training", str(math.ceil(len(train_digits.images) / 100)))  # steps of an epoch


def test_how_often_a_normal_distribution_draws_holes() -> None:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(metrics.HOLE_SAMPLES, 2, generator=generator)
    codes = latents("ae-mnist")
    fitted = codes.mean(0) + noise @ torch.linalg.cholesky(torch.cov(codes.T)).T
    share = metrics.hole_share(fitted, codes, metrics.hole_radius(codes))
    assert says("holes", percent(share))
    for name in ("vae-mnist", "vae-mnist-beta-1"):
        share = metrics.hole_share(noise, latents(name), metrics.hole_radius(latents(name)))
        assert says("holes", percent(share))


def test_how_much_of_the_prior_the_manifold_shows() -> None:
    assert says("generate", r"\Phi^{-1}(0.05) \dots \Phi^{-1}(0.95)")
    assert says("generate", percent((0.95 - 0.05) ** 2))


def test_how_many_that_look_alike_have_codes_that_lie_close(test_digits: Split) -> None:
    codes, images = latents("ae-mnist"), test_digits.images
    asked = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:500]
    nearest = {}
    for kind, points, k in (("pixels", images, 15), ("codes", codes, 100)):
        distance = torch.cdist(points[asked], points)
        distance[torch.arange(len(asked)), asked] = math.inf
        nearest[kind] = distance.topk(k, largest=False).indices
    both = (nearest["pixels"][:, :, None] == nearest["codes"][:, None, :]).any(-1).float().sum(-1).mean()
    assert says("uses", f" {both:.0f} ")


def story() -> int:
    """The test digit that goes through the whole story."""
    found = re.search(r"export const STORY = (\d+);", (FRONTEND / "learn" / "parts.js").read_text(encoding="utf-8"))
    assert found
    return int(found[1])


@torch.no_grad()
def test_each_model_draws_the_storys_3_as_a_3(shipped: dict[str, Checkpoint], test_digits: Split) -> None:
    index = story()
    assert test_digits.labels[index] == 3
    for name, found in shipped.items():
        drawn = found.model.decode(found.mu[index : index + 1], test_digits.labels[index : index + 1])
        nearest = (test_digits.images - drawn).norm(dim=1).topk(15, largest=False).indices
        assert int(test_digits.labels[nearest].mode().values) == 3, name


def test_the_cloud_of_the_3_reaches_the_2s() -> None:
    model = checkpoint.load(CHECKPOINTS / "vae-mnist-baseline.safetensors")
    assert model.logvar is not None
    index = story()
    sigma = (model.logvar[index] / 2).exp()

    def neighbours(by: float, axis: int) -> int:
        """The class of most of the 15 codes nearest to a point so many σ from μ."""
        at = model.mu[index].clone()
        at[axis] += by * sigma[axis]
        return int(model.label[(model.mu - at).norm(dim=1).topk(15, largest=False).indices].mode().values)

    assert model.label[index] == 3
    assert [neighbours(by, 0) for by in (-3, -1, 0, 1, 3)] == [2, 3, 3, 3, 3]
    assert [neighbours(by, 1) for by in (-3, 0, 3)] == [3, 3, 3]


def test_how_wide_the_codes_lie() -> None:
    wide = latents("ae-mnist").std(0) / latents("vae-mnist-beta-1").std(0)
    assert all(says("normal", f"{times:.1f}") for times in wide)


def test_how_often_the_neighbours_are_right(test_digits: Split) -> None:
    codes, images, labels = latents("ae-mnist"), test_digits.images, test_digits.labels
    for points in (images, codes):
        right = 0
        for rows in torch.arange(len(points)).split(1000):
            distance = torch.cdist(points[rows], points)
            distance[torch.arange(len(rows)), rows] = math.inf
            votes = one_hot(labels[distance.topk(15, largest=False).indices], 10).sum(1)
            right += int((votes.argmax(1) == labels[rows]).sum())
        assert says("uses", f"{right / len(points):.1%}".replace("%", " %"))


def test_the_notes_have_no_number_that_nothing_bears() -> None:
    held = {"39 %", "129.7", "130.9"}  # by the tests below
    for code in i18n.LANGUAGES:
        with i18n.using_language(code):
            lesson = " ".join(prose(screen) for screen in SCREENS)
            for screen in SCREENS:
                numbers = set(re.findall(r"\d[\d.]* %|\d+\.\d+|\d{3,}", notes(screen)))
                assert {number for number in numbers - held if number not in lesson} == set(), screen.name


def test_which_digits_lie_close_together() -> None:
    model = checkpoint.load(CHECKPOINTS / "ae-mnist.safetensors")
    codes, labels = model.mu, model.label.long()
    shares = torch.zeros(10, 10)  # of each class (row), the classes of its 15 nearest
    for rows in torch.arange(len(codes)).split(1000):
        distance = torch.cdist(codes[rows], codes)
        distance[torch.arange(len(rows)), rows] = math.inf
        votes = one_hot(labels[distance.topk(15, largest=False).indices], 10).sum(1).float()
        shares.index_add_(0, labels[rows], votes / 15)
    shares /= labels.bincount()[:, None]
    assert says("through", percent(float(shares[4, 9])), notes)
    both = torch.triu(shares + shares.T, diagonal=1).flatten()
    assert both.topk(2).indices.tolist() == [49, 35]
    middle = (codes[labels == 7].median(0).values + codes[labels == 1].median(0).values) / 2
    assert 9 in labels[(codes - middle).norm(dim=1).topk(15, largest=False).indices]


def test_an_autoencoder_trained_alike_copies_a_little_better() -> None:
    found = [checkpoint.load(CHECKPOINTS / f"{name}.safetensors") for name in ("ae-mnist", "vae-mnist-beta-1")]
    better, worse = (model.metrics["reconstruction"] for model in found)
    assert better < worse
    for loss in (better, worse):
        assert says("vae", f"{loss:.1f}", notes)
    read = [read_metadata(CHECKPOINTS / f"{name}.safetensors") for name in ("ae-mnist", "vae-mnist-beta-1")]
    assert read[0]["train"] == read[1]["train"]


def test_how_soon_a_heavy_kl_makes_one_blur_of_all_digits(train_digits: Split, test_digits: Split) -> None:
    """As the figure trains on: Adam with η = 0.001, batches of 100, β = 50."""
    model = checkpoint.load(CHECKPOINTS / "vae-mnist-baseline.safetensors").model
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    z = torch.randn(100, 2)

    def look() -> tuple[float, float, float]:
        """Mean KL, median σ, and how much a hundred draws of N(0, I) differ, decoded."""
        with torch.no_grad():
            mu, logvar = model.encode(test_digits.images[:1000])
            assert logvar is not None
            return (
                kl(mu, logvar).mean().item(),
                (logvar / 2).exp().median().item(),
                model.decode(z).std(0).mean().item(),
            )

    first, looks = look(), {}
    for steps in range(1, 1001):
        x = train_digits.images[torch.randint(len(train_digits.images), (100,))]
        mu, logvar = model.encode(x)
        assert logvar is not None
        logits = model.decoder(model.sample(mu, logvar, torch.randn_like(mu)))
        loss = (reconstruction(logits, x, "bce") + 50 * kl(mu, logvar)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if steps in (20, 1000):
            looks[steps] = look()
    assert looks[20][1] > 5 * first[1]
    divergence, sigma, difference = looks[1000]
    assert divergence < 0.05
    assert sigma > 0.9
    assert difference < 0.25 * first[2]


def test_what_is_drawn_in_a_hole_may_look_like_a_digit(test_digits: Split) -> None:
    model = checkpoint.load(CHECKPOINTS / "ae-mnist.safetensors")
    low, high = model.mu.amin(0), model.mu.amax(0)
    points = low + torch.rand(400, 2, generator=torch.Generator().manual_seed(0)) * (high - low)
    holes = points[torch.cdist(points, model.mu).amin(1) > metrics.hole_radius(model.mu)]
    with torch.no_grad():
        drawn = model.model.decode(holes)
    # As near to a real digit, pixel by pixel, as real ones are to each other.
    distance = (torch.cdist(drawn, test_digits.images) ** 2 / drawn.shape[1]).amin(1).sqrt()
    assert (distance < model.metrics["realism_real"]).float().mean() > 0.25


def seen(x: torch.Tensor, test: Split) -> torch.Tensor:
    """What pictures are, (N, P), by the lesson's one rule: the class of more than half of the 15 test images nearest,
    pixel by pixel; −1, no digit, where there is none, or the nearest is farther than 0.8 ‖x‖."""
    found = []
    for part in x.split(500):
        distances, nearest = torch.cdist(part, test.images).topk(15, largest=False)
        votes, winner = one_hot(test.labels[nearest], 10).sum(1).max(1)
        found.append(torch.where((votes >= 8) & (distances[:, 0] <= 0.8 * part.norm(dim=1)), winner, -1))
    return torch.cat(found)


def test_what_is_drawn_is_what_was_ordered(test_digits: Split, train_digits: Split) -> None:
    vae, told = (checkpoint.load(CHECKPOINTS / f"{name}.safetensors") for name in ("vae-mnist", "cvae-mnist"))
    assert says("generate", percent(vae.metrics["holes_prior"]))

    z = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0))
    nearest = [torch.cdist(part, vae.mu).topk(15, largest=False).indices for part in z.split(500)]
    by_code = one_hot(test_digits.labels[torch.cat(nearest)], 10).sum(1)
    with torch.no_grad():
        threes = [
            (found == 3).float().mean().item()
            for found in (by_code.argmax(1), seen(vae.model.decode(z[:2000]), test_digits))
        ]
        voted = [seen(vae.model.decode(z[by_code[:, y] >= 8][:400]), test_digits) == y for y in range(10)]
        ordered = [seen(told.model.decode(z[:400], torch.full((400,), y)), test_digits) == y for y in range(10)]
    assert all(says("generate", percent(share)) for share in threes)
    assert says("generate", f"{percent(float(torch.stack(voted).float().mean()))} ")
    assert says("generate", f"{percent(float(torch.stack(ordered).float().mean()))} ")
    real = seen(train_digits.images[:2000], test_digits) == train_digits.labels[:2000]
    assert says("generate", percent(float(real.float().mean())))
