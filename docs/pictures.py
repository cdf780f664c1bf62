"""Makes the pictures of the README from a demo that serves.

guildmap demo                                  # in another terminal
python docs/pictures.py [--address http://127.0.0.1:8410]
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent / "pictures"

# Name to who looks, and at what. The picture is what they see before they scroll.
PICTURES = {
    "catalogue": ("ines-carvalho", "/?text=keeping+subsea+cables+alive"),
    "find": ("ines-carvalho", "/find"),
    "ask": ("ines-carvalho", "/ask?text=How+do+we+measure+what+icing+on+the+blades+costs+us+over+a+winter%3F"),
    "community": ("ines-carvalho", "/communities/production-forecasting"),
    "audit": ("", "/audit"),
}
WIDTH, HEIGHT = 1200, 760


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", default="http://127.0.0.1:8410")
    address = parser.parse_args().address
    FOLDER.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (person, path) in PICTURES.items():
            context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            if person:
                context.add_cookies([{"name": "guildmap-looks-as", "value": person, "url": address}])
            page = context.new_page()
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
