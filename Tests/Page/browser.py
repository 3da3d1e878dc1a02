"""A real browser, driven over WebDriver: Debian's chromium and chromium-driver, and nothing else."""

import base64
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# Until something that is waited for has come: a small machine that does much else needs its time.
PATIENCE = 30

WAITING = """
const [condition, seconds, done] = arguments;
const check = new Function(`return (${condition});`);
const end = performance.now() + 1000 * seconds;
(function look() {
  let value = null;
  try { value = check(); } catch { /* It is not there yet. */ }
  if (value || performance.now() > end) done(value || null);
  else setTimeout(look, 40);
})();
"""


class Browser:
    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="storyfarm-browser-")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True)
        line = ""
        while not (match := re.search(r"successfully on port (\d+)", line)):
            line = self.driver.stdout.readline()
            if not line:
                raise RuntimeError("chromedriver ended before it listened")
        self.address = f"http://127.0.0.1:{match[1]}"
        arguments = [
            "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1360,900", "--hide-scrollbars",
            f"--user-data-dir={self.folder.name}/profile", "--no-first-run", "--disable-background-networking",
            "--autoplay-policy=no-user-gesture-required",
        ]
        if os.geteuid() == 0:
            # Its sandbox works for users only; what it loads here is this farm's.
            arguments.append("--no-sandbox")
        wishes = {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": arguments}, "timeouts": {"script": 1000 * (PATIENCE + 30)},
        }
        answer = self.ask("POST", "session", {"capabilities": {"alwaysMatch": wishes}}, base="")
        self.session = answer["sessionId"]

    def close(self) -> None:
        try:
            self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            try:
                self.driver.wait(20)
            except subprocess.TimeoutExpired:
                self.driver.kill()
            self.driver.stdout.close()
            self.folder.cleanup()

    def ask(self, method: str, address: str, body: dict | None = None, base: str | None = None):
        base = f"session/{self.session}/" if base is None else base
        request = urllib.request.Request(
            f"{self.address}/{base}{address}".rstrip("/"), method=method,
            data=json.dumps(body or {}).encode() if method == "POST" else None)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE + 60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise AssertionError(f"the browser says {value['error']}: {value['message'].splitlines()[0]}") from None

    def open(self, url: str) -> None:
        self.ask("POST", "url", {"url": url})

    def run(self, script: str, *arguments):
        return self.ask("POST", "execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition: str, seconds: float = PATIENCE):
        """Waits until a JavaScript expression is true, and returns its value."""
        value = self.ask("POST", "execute/async", {"script": WAITING, "args": [condition, seconds]})
        if value is None:
            text = self.run("return document.body.innerText.slice(0, 1500)")
            raise AssertionError(f"waited {seconds} s in vain for {condition}; the page says:\n{text}")
        return value

    def text(self, selector: str) -> str:
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def count(self, selector: str) -> int:
        return self.run("return document.querySelectorAll(arguments[0]).length", selector)

    def find(self, selector: str) -> str:
        self.wait(f"document.querySelector({json.dumps(selector)})")
        return self.ask("POST", "element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector: str) -> None:
        """As a person: the element has to be there, visible and on top."""
        self.click_found(f"document.querySelector({json.dumps(selector)})")

    def click_found(self, expression: str) -> None:
        # What was found may be drawn anew before it is clicked.
        for is_last in (False, True):
            element = self.wait(expression)[ELEMENT]
            try:
                return self.ask("POST", f"element/{element}/click", {})
            except AssertionError as error:
                if is_last or "stale element" not in str(error):
                    raise

    def type(self, selector: str, text: str) -> None:
        element = self.find(selector)
        self.ask("POST", f"element/{element}/clear", {})
        self.ask("POST", f"element/{element}/value", {"text": text})

    def press(self, *keys: str) -> None:
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "actions", {"actions": [{"type": "key", "id": "keyboard", "actions": steps}]})

    def tell(self, command: str, **parameters):
        """A command of the DevTools protocol."""
        return self.ask("POST", "goog/cdp/execute", {"cmd": command, "params": parameters})

    def look(self, width: int, height: int, *, is_dark: bool = False, is_phone: bool = False) -> None:
        self.tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if is_phone else 1,
            mobile=is_phone)
        scheme = "dark" if is_dark else "light"
        self.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def shoot(self, file: pathlib.Path, *, whole: bool = False) -> None:
        picture = self.tell("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(picture["data"]))

    def complaints(self) -> list[str]:
        """What the console has said since it was asked last: errors, refused scripts, failed requests."""
        return [entry["message"] for entry in self.ask("POST", "se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]
