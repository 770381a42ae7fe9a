"""How well the classes' colours are told apart, as a table: python -m tests.colours."""

import re
from itertools import combinations

from coloraide import Color

from explorer.settings import FRONTEND

SOURCE = (FRONTEND / "core" / "palette.js").read_text(encoding="utf-8")
PALETTE = [Color(colour) for colour in re.findall(r'"(#\w{6})"', SOURCE)]
# Of the pages, and of the maps on them.
BACKGROUNDS = {"light": Color("#ffffff"), "dark": Color("#171614")}
# Who looks: with all cones, or without those for long, middle, short waves, after Machado, Oliveira & Fernandes (2009).
VIEWERS = ("plain", "protan", "deutan", "tritan")


def contrast(theme: str) -> list[float]:
    """WCAG 2's contrast of each class with the map's background; 1 to 21."""
    return [colour.contrast(BACKGROUNDS[theme], method="wcag21") for colour in PALETTE]


def differences(viewer: str) -> dict[tuple[int, int], float]:
    """CIEDE2000 of each two classes as a viewer sees them; about 1 can be noticed side by side."""
    seen = PALETTE if viewer == "plain" else [colour.filter(viewer, method="machado") for colour in PALETTE]
    return {(a, b): seen[a].delta_e(seen[b], method="2000") for a, b in combinations(range(len(seen)), 2)}


def main() -> None:
    print("class   colour     contrast: light     dark")
    for c, (colour, light, dark) in enumerate(zip(PALETTE, contrast("light"), contrast("dark"), strict=True)):
        print(f"{c:5}   {colour.to_string(hex=True)}  {light:16.2f}  {dark:7.2f}")
    table = {viewer: differences(viewer) for viewer in VIEWERS}
    print("\npair " + "".join(f"{viewer:>9}" for viewer in VIEWERS))
    for a, b in table["plain"]:
        print(f"{a}, {b} " + "".join(f"{table[viewer][a, b]:9.1f}" for viewer in VIEWERS))
    print("least" + "".join(f"{min(table[viewer].values()):9.1f}" for viewer in VIEWERS))


if __name__ == "__main__":
    main()
