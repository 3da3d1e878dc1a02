"""What all tests of the dashboard begin with."""

import os
import subprocess
import unittest

from browser import Browser
from farm import ROOT, Farm

PROGRAMS = ROOT / os.environ.get("STORYFARM_PROGRAMS", ".build/debug")
PICTURES = ROOT / ".build/screenshots"
PARK = ("a corgi dog is in the park", "a corgi dog is running to the right")
# The page's first question is whether there is a session.
EXPECTED = [("/v1/session ", "401"), ("/v1/session/redeem ", "401")]


class PageCase(unittest.TestCase):
    """A farm of two workers that only pretend, and a browser."""

    @classmethod
    def setUpClass(cls) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        cls.farm = Farm(PROGRAMS)
        cls.addClassCleanup(cls.farm.stop)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        for node in ("hub-1", "hub-2"):
            cls.farm.start_worker(node)
        cls.farm.wait(lambda: len(cls.farm.ask("workers")["workers"]) == 2, "workers join")

    def setUp(self) -> None:
        self.browser.look(1360, 900)

    def tearDown(self) -> None:
        strange = [text for text in self.browser.complaints()
                   if not any(address in text and status in text for address, status in EXPECTED)]
        self.assertEqual(strange, [], "the console says something")
        self.assertIsNone(self.browser.run("return window.broken ?? null"), "a story's text was run")

    def enter(self, view: str = "#/") -> None:
        """By a link as `storyfarm dashboard` prints it."""
        output = subprocess.run(
            [PROGRAMS / "storyfarm", "dashboard", "--farm", self.farm.folder / "farm.json"], check=True, timeout=60,
            capture_output=True, text=True).stdout
        self.browser.open("about:blank")
        self.browser.open(output.strip())
        self.browser.wait("document.querySelector('.tile-value')")
        self.go(view)

    def go(self, view: str) -> None:
        self.browser.run("location.hash = arguments[0]", view)
        path = view.removeprefix("#/").split("?")[0]
        self.browser.wait(f"document.querySelector('.view')?.dataset.view === '{path}'")

    def show(self, story: int) -> None:
        self.go(f"#/stories/{story}")
        self.browser.wait(f"document.querySelector('h1')?.innerText.includes('#{story} ')")

    def type_while_the_table_is_drawn(self, field: str, text: str) -> None:
        """What is typed outlives the table that it was typed into."""
        self.browser.run("window.drawn = document.querySelector(arguments[0])", field)
        self.browser.type(field, text)
        self.browser.wait("!window.drawn.isConnected")
        self.assertEqual(self.browser.run("return document.querySelector(arguments[0]).value", field), text)

    def press(self, text: str, within: str = "main") -> None:
        """Clicks the button with this text."""
        self.browser.click_found(
            f"[...document.querySelectorAll('{within} button')].find((each) => each.innerText === '{text}')")
