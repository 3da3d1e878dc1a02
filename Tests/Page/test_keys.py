"""Goal: whoever has no mouse does all that others do. Method: keys alone, in a real browser; after whatever is drawn
anew the focus has to be where it was."""

from page_case import PARK, PageCase

TAB, ENTER, LEFT, ESCAPE = "\ue004", "\ue007", "\ue012", "\ue00c"


class KeyTests(PageCase):
    def test_keys_are_enough(self) -> None:
        self.enter("#/stories")
        self.browser.run("document.activeElement.blur()")
        self.browser.press(TAB)
        self.assertEqual(self.browser.run("return document.activeElement.className"), "skip")
        style = self.browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        self.assertEqual(style, "solid", "the focus is not to be seen")
        self.browser.press(ENTER)
        self.assertEqual(self.browser.run("return document.activeElement.id"), "main")
        self.browser.press(TAB)
        self.assertEqual(self.browser.run("return document.activeElement.dataset.key"), "filter-queued")
        self.browser.press(ENTER)
        self.browser.wait("location.hash.includes('state=queued')")
        names = self.browser.run(
            "return [...document.querySelectorAll('button, a, input')].filter((each) => !(each.innerText"
            " || each.labels?.length || each.getAttribute('aria-label'))).map((each) => each.outerHTML)")
        self.assertEqual(names, [], "without a name")

    def test_keys_act_and_the_focus_stays(self) -> None:
        story = self.farm.submit("By keys", [PARK] * 40, steps=300)
        self.enter()
        self.show(story)
        self.browser.wait("document.querySelector('h1 .badge').innerText === 'rendering'")
        focused = "document.activeElement.dataset.key"
        # What is drawn anew every other second is still scrolled to where it was, and still has the focus.
        self.browser.run("""
            window.rows = document.querySelector(".gantt-rows");
            window.rows.focus();
            window.rows.scrollTo(0, 100);
            """)
        self.browser.wait("!window.rows.isConnected")
        self.assertEqual(self.browser.run("return document.querySelector('.gantt-rows').scrollTop"), 100)
        self.assertEqual(self.browser.run("return document.activeElement.className"), "gantt-rows")

        self.browser.run("document.querySelector('[data-key=pause]').focus()")
        for state in ["paused", "rendering"]:
            self.browser.press(ENTER)
            self.browser.wait(f"document.querySelector('h1 .badge').innerText === '{state}'")
            self.browser.wait(f"{focused} === 'pause' && document.activeElement.ariaDisabled !== 'true'")
        self.browser.press(TAB)
        self.browser.press(ENTER)
        self.browser.wait("document.activeElement.closest('dialog') && document.activeElement.innerText === 'No'")
        self.browser.press(ENTER)
        self.browser.wait(f"!document.querySelector('dialog') && {focused} === 'Cancel'")
        for key in [ENTER, TAB, ENTER]:
            self.browser.press(key)
        self.browser.wait("document.querySelector('h1 .badge').innerText === 'cancelled'")
        # The button is gone: the keys go on where the content begins.
        self.browser.wait("document.activeElement.id === 'main'")

    def test_past_values_of_the_chart_are_read_by_keys(self) -> None:
        self.enter()
        self.browser.wait("document.querySelectorAll('.chart .area').length > 0")
        said = "document.querySelector('.reading').innerText"
        self.assertEqual(self.browser.run(f"return {said}"), "")
        self.browser.run("window.chart = document.querySelector('.chart'); window.chart.focus()")
        self.browser.press(LEFT)
        self.browser.wait(f"{said}.includes('ago:')")
        self.assertEqual(self.browser.run("return document.querySelector('.reading').ariaLive"), "polite")
        # With the next sample it is drawn anew, and still says what was come to.
        self.browser.wait("!window.chart.isConnected")
        self.assertEqual(self.browser.run("return document.activeElement.dataset.key"), "queue-chart")
        self.browser.wait(f"{said}.includes('ago:')")
        self.browser.press(ESCAPE)
        self.browser.wait(f"{said} === ''")
