"""A page's state and its address, in Chromium: what is written comes back, whatever else is there falls back."""

import itertools
import re
import string
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open

# Runs its body with the two modules, and the address restored afterwards.
FRAME = string.Template("""async (argument) => {
    const { Store } = await import(new URL("assets/ui/store.js", document.baseURI));
    const address = await import(new URL("assets/ui/url-state.js", document.baseURI));
    const before = location.href;
    try { $body } finally { history.replaceState(null, "", before); }
}""")

# A schema with one of each kind of value.
SCHEMA = """const { text, oneOf, flag, whole, wholes, numbers, readAddress, writeAddress } = address;
const schema = {
    model: text, image: whole(3), hide: wholes, z: numbers(2), view: numbers(3, ([, , width]) => width > 0),
    prior: flag(true), training: flag(false), show: oneOf(["points", "digits", "both"]),
};"""
NOTHING: dict[str, Any] = {
    "model": None,
    "image": 3,
    "hide": [],
    "z": None,
    "view": None,
    "prior": True,
    "training": False,
    "show": "points",
}
VALUES: dict[str, list[Any]] = {
    "model": [None, "vae-mnist", "a b&c=d+e%2C#é數", "a,b"],
    "image": [0, 3, 9999, 999_999_999],
    "hide": [[], [0], [1, 2, 9], list(range(10))],
    "z": [None, [0, 0], [-1.25, 3], [1e-7, -123450], [12345, 0.00012345]],
    "view": [None, [0, 0, 0.001], [-1.5, 2.5, 8]],
    "prior": [True, False],
    "training": [True, False],
    "show": ["points", "digits", "both"],
}

MANY = "1" * 5000
MALFORMED: dict[str, list[str]] = {
    "image": ["-1", "1.5", "1e3", "", " ", "0x10", "٣", "1,2", MANY, "NaN"],
    "hide": [",,", "", "x", "-1", "1.5", "1e1", MANY, f"{MANY},{MANY}"],
    "z": [
        "1,2,3",
        "1",
        "",
        ",",
        "1,",
        ",1",
        "Infinity,0",
        "0,-Infinity",
        "NaN,0",
        "1e999,0",
        "a,b",
        "1;2",
        f"{MANY},0",
    ],
    "view": ["1,2", "1,2,0", "1,2,-3", "1,2,NaN", "1,2,3,4", "Infinity,2,3", ",,"],
    "prior": ["", "2", "true", "01", "-0"],
    "training": ["", "2", "true", "11"],
    "show": ["", "Points", "constructor", "__proto__", "toString"],
}


def _run(page: Page, body: str, argument: object = None) -> Any:
    return page.evaluate(FRAME.substitute(body=body), argument)


def _states() -> list[dict[str, Any]]:
    """The defaults with each value of each kind alone, and some of everything at once."""
    alone = [{**NOTHING, name: value} for name, values in VALUES.items() for value in values]
    cycles = {name: itertools.cycle(values) for name, values in VALUES.items()}
    return alone + [{name: next(cycle) for name, cycle in cycles.items()} for _ in range(20)]


# The address


def test_what_is_written_into_the_address_is_read_again(modules: Page) -> None:
    states = _states()
    found = _run(
        modules,
        SCHEMA
        + """return argument.map((state) => {
            const search = writeAddress(schema, state);
            return { search, agrees: search === location.search, read: readAddress(schema, location.search) };
        });""",
        states,
    )
    modules.reload()  # it has almost used up what may be written at once
    assert [one["read"] for one in found] == states
    assert all(one["agrees"] for one in found)
    for state, one in zip(states, found, strict=True):  # what is as by default is not written
        written = {name for name in NOTHING if re.search(f"[?&]{name}=", one["search"])}
        assert written == {name for name in NOTHING if state[name] != NOTHING[name]}


def test_numbers_keep_five_digits_and_a_second_writing_changes_nothing(modules: Page) -> None:
    first, second, z = _run(
        modules,
        SCHEMA
        + """const first = writeAddress(schema, { z: [Math.PI * 1e4, -Math.E / 1e4], view: [1 / 3, 2 / 3, 1e-9 / 3] });
        const read = readAddress(schema, first);
        return [first, writeAddress(schema, read), read.z];""",
    )
    assert first == second == "?z=31416,-0.00027183&view=0.33333,0.66667,3.3333e-10"
    assert z == [31416, -0.00027183]


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_falls_back_alone(name: str, modules: Page) -> None:
    other = "training" if name != "training" else "prior"
    beside = f"&{other}={1 if other == 'training' else 0}"
    searches = [f"?{name}={quote(text)}{beside}" for text in MALFORMED[name]]
    found = _run(modules, SCHEMA + "return argument.map((search) => readAddress(schema, search));", searches)
    for text, read in zip(MALFORMED[name], found, strict=True):
        assert read == {**NOTHING, other: not NOTHING[other]}, text


def test_of_a_list_what_is_good_stays(modules: Page) -> None:
    found = _run(modules, SCHEMA + "return readAddress(schema, '?hide=x,9,,2,-1,2.5')")
    assert found["hide"] == [9, 2]


@pytest.mark.parametrize(
    "search", ["", "?", "?&&&", "?=", "?z", "?%", "?%ff=%ff", "?__proto__=1&constructor=2", "?z=1,2,3&z=1,2"]
)
def test_an_address_of_any_other_shape_is_that_of_the_defaults(search: str, modules: Page) -> None:
    assert _run(modules, SCHEMA + "return readAddress(schema, argument);", search) == NOTHING


def test_what_else_stands_in_the_address_stays(modules: Page) -> None:
    found = _run(
        modules,
        SCHEMA
        + """history.replaceState({ of: "the host" }, "", "?lang=zh-Hant&z=1,1#here");
        const search = writeAddress(schema, { z: null, image: 7 });
        return { search, hash: location.hash, kept: history.state, length: history.length - argument };""",
        modules.evaluate("history.length"),
    )
    assert found == {"search": "?lang=zh-Hant&image=7", "hash": "#here", "kept": {"of": "the host"}, "length": 0}


def test_only_what_is_given_is_written(modules: Page) -> None:
    searches = _run(
        modules,
        SCHEMA
        + """return [{ z: [1, 2], hide: [3] }, { show: "both" }, { hide: [] }, { z: null }, { show: "points" }]
            .map((values) => writeAddress(schema, values));""",
    )
    assert searches == ["?z=1,2&hide=3", "?z=1,2&hide=3&show=both", "?z=1,2&show=both", "?show=both", ""]


def test_the_address_is_written_no_oftener_than_safari_allows_and_ends_with_the_last(new_page: Open) -> None:
    modules = new_page().modules()
    modules.evaluate(
        """async () => {
            const { whole, writeAddress } = await import(new URL("assets/ui/url-state.js", document.baseURI));
            const { replaceState } = history;
            window.writes = 0;
            history.replaceState = (...parts) => {
                if (++window.writes % 60 === 0) throw new DOMException("100 times per 10 seconds", "SecurityError");
                replaceState.apply(history, parts);
            };
            for (let n = 1; n <= 500; n++) {
                const search = writeAddress({ n: whole(0) }, { n });
                if (search !== `?n=${n}`) throw new Error(search);
                if (n > 480) await new Promise((resolve) => setTimeout(resolve, 50));
            }
        }"""
    )
    modules.wait_for_function("location.search === '?n=500'")
    assert modules.evaluate("window.writes") < 70


# The state


def test_subscribers_hear_of_what_they_show_and_in_their_order(modules: Page) -> None:
    heard = _run(
        modules,
        """const store = new Store({ a: 1, b: 2, c: [3] }), heard = [];
        const note = (name) => (state) => heard.push([name, state.a, state.b]);
        store.subscribe(["b"], note("first"));
        store.subscribe(["a", "b"], note("second"));
        store.subscribe(["c"], note("third"));
        store.subscribe([], note("never"));
        store.set({ a: 10 });
        store.set({ a: 10 });           // the same again
        store.set({ a: 11, b: 12 });    // told once, though both are another
        store.set({ c: store.state.c });
        store.set({});
        return heard;""",
    )
    assert heard == [["second", 10, 2], ["first", 11, 12], ["second", 11, 12]]


@pytest.mark.parametrize(
    ("value", "other", "changes"),
    [("NaN", "NaN", 0), ("0", "-0", 1), ("null", "undefined", 1), ("'1'", "1", 1), ("[1]", "[1]", 1)],
)
def test_a_change_is_another_value_and_no_equal_one(value: str, other: str, changes: int, modules: Page) -> None:
    heard = _run(
        modules,
        f"""const store = new Store({{ a: {value} }});
        let heard = 0;
        store.subscribe(["a"], () => heard++);
        store.set({{ a: {other} }});
        return heard;""",
    )
    assert heard == changes


def test_a_state_that_was_handed_out_does_not_change(modules: Page) -> None:
    before, after = _run(
        modules,
        """const store = new Store({ a: 1, b: 2 }), before = store.state;
        store.set({ a: 5 });
        return [before, store.state];""",
    )
    assert (before, after) == ({"a": 1, "b": 2}, {"a": 5, "b": 2})


def test_who_has_unsubscribed_hears_no_more_and_the_others_do(modules: Page) -> None:
    heard = _run(
        modules,
        """const store = new Store({ a: 0 }), heard = [];
        const end = store.subscribe(["a"], ({ a }) => heard.push(`first ${a}`));
        const once = store.subscribe(["a"], ({ a }) => { heard.push(`once ${a}`); once(); });
        store.subscribe(["a"], ({ a }) => heard.push(`last ${a}`));
        store.set({ a: 1 });
        end();
        end();  // twice does no harm
        store.set({ a: 2 });
        return heard;""",
    )
    assert heard == ["first 1", "once 1", "last 1", "last 2"]


def test_one_who_subscribes_while_others_are_told_hears_from_the_next_change_on(modules: Page) -> None:
    heard = _run(
        modules,
        """const store = new Store({ a: 0 }), heard = [];
        let joined = false;
        store.subscribe(["a"], () => {
            if (!joined) store.subscribe(["a"], ({ a }) => heard.push(a));
            joined = true;
        });
        store.set({ a: 1 });
        store.set({ a: 2 });
        return heard;""",
    )
    assert heard == [2]


def test_a_change_made_by_a_subscriber_is_told_at_once_and_all_end_with_the_newest(modules: Page) -> None:
    heard, state = _run(
        modules,
        """const store = new Store({ a: 0, b: 0 }), heard = [];
        store.subscribe(["a"], ({ a }) => store.set({ b: 10 * a }));
        store.subscribe(["b"], ({ a, b }) => heard.push(["b", a, b]));
        store.subscribe(["a"], ({ a, b }) => heard.push(["a", a, b]));
        store.set({ a: 1 });
        store.set({ a: 2, b: 7 });
        return [heard, store.state];""",
    )
    assert state == {"a": 2, "b": 20}
    assert heard[:2] == [["b", 1, 10], ["a", 1, 10]]  # the last one is told the state that holds now
    assert heard[2:] == [["b", 2, 20], ["b", 2, 20], ["a", 2, 20]]


# Explore's own


PLACES = {
    "new": "",
    "point": "?model=point&z=0.5,-1",
    "all": "?model=all&z=0,0&image=61&hide=1,2&view=0,0,4&prior=0&numerals=0&training=1&show=both&overlay=sigma"
    "&panel=walk",
    "depth": "?model=depth&z=0.5,-1&depth=expert",
}
EXPLORE = """async ([name, search]) => {
    const { Store } = await import(new URL("assets/ui/store.js", document.baseURI));
    const { Address, firstState } = await import(new URL("assets/explore/state.js", document.baseURI));
    const before = location.href;
    try {
        history.replaceState(null, "", location.pathname);
        const store = new Store(firstState(search, name));
        const address = new Address(store);
        address.write();
        const early = location.search;  // nothing is shown yet: nothing is said
        store.set({ shown: { name, checkpoint: { config: { conditional: false } } } });
        address.write();
        const written = location.search;
        const { z } = firstState("?lang=zh-Hant&class=1", name), other = firstState("", "another");
        address.follow();
        store.set({ panel: "draw" });
        const pressed = location.search;
        address.destroy();
        store.set({ panel: "save" });
        return { early, written, pressed, last: location.search, kept: z === null ? z : [...z], other: other.z };
    } finally { history.replaceState(null, "", before); }
}"""


@pytest.mark.parametrize("name", PLACES)
def test_explores_address_comes_back_and_where_a_model_was_left_is_remembered(name: str, modules: Page) -> None:
    search = PLACES[name]
    found = modules.evaluate(EXPLORE, [name, search])
    written = search or f"?model={name}"
    pressed = written.replace("&panel=walk", "") + "&panel=draw"
    if name == "depth":  # after the panel, which is another parameter
        pressed = written.replace("&depth=expert", "") + "&depth=expert&panel=draw"
    kept = {"new": None, "point": [0.5, -1], "all": [0, 0], "depth": [0.5, -1]}[name]
    assert found == {"early": "", "written": written, "pressed": pressed, "last": pressed, "kept": kept, "other": None}


def test_where_compare_was_left_is_remembered_beside_a_language(modules: Page) -> None:
    found = modules.evaluate("""async () => {
        const { readPlace } = await import(new URL("assets/compare/state.js", document.baseURI));
        const before = location.href;
        try {
            return ["?a=one&b=two&digit=3", "?lang=zh-Hant&class=1", "?b=three"].map((search) => {
                history.replaceState(null, "", location.pathname + search);
                const { names, remembered } = readPlace();
                return [names.a, names.b, remembered];
            });
        } finally { history.replaceState(null, "", before); }
    }""")
    assert found == [["one", "two", False], ["one", "two", True], [None, "three", False]]
