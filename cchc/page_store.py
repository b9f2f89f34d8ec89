"""Where finished pages are: in the memory of the process, over a cache that all processes share."""

from __future__ import annotations

import hashlib
import logging
import pickle
import threading
import zlib

from django.core.cache import caches

from cchc.finished_pages import Page
from reports.page_versions import versions_read

# Scheme, host, path, query: all that an answer depends on beside what is published.
Address = tuple[str, str, str, str]

logger = logging.getLogger(__name__)
SHARED_SECONDS = 7 * 24 * 3600
# What reading a file gives that a power cut left half written.
UNREADABLE = (OSError, EOFError, zlib.error, pickle.UnpicklingError)


class PageStore:
    """Pages that hold: made by this software of what is public now. No more of them than memory is given."""

    def __init__(self, release: str, most_bytes: int) -> None:
        self.release = release
        self.pages: dict[Address, Page] = {}
        self.kept_bytes, self.most_bytes = 0, most_bytes
        self.versions: dict[str, str] = {}
        self.day = ""
        self.lock = threading.Lock()

    def holds(self, page: Page) -> bool:
        return page.day == self.day and page.versions == versions_read(page.scopes, self.versions)

    def take_over(self, versions: dict[str, str], day: str) -> None:
        """Take over what holds now, and drop what no longer does."""
        self.versions, self.day = versions, day
        for address, page in list(self.pages.items()):
            if not self.holds(page):
                self.drop(address, page)

    def keep(self, address: Address, page: Page) -> None:
        with self.lock:
            before = self.pages.pop(address, None)
            self.pages[address] = page
            self.kept_bytes += page.size() - (before.size() if before else 0)
            while self.kept_bytes > self.most_bytes and len(self.pages) > 1:
                self._make_room()

    def drop(self, address: Address, page: Page) -> None:
        """Let a page go, unless a newer one stands in its place by now."""
        with self.lock:
            if self.pages.get(address) is page:
                del self.pages[address]
                self.kept_bytes -= page.size()

    def encode(self, address: Address, page: Page, *encodings: str) -> None:
        """Have a page in these encodings, here and for the other processes."""
        with self.lock:
            before = page.size()
            for encoding in encodings:
                page.answer(encoding)
            grown = page.size() - before
            if self.pages.get(address) is page:
                self.kept_bytes += grown
        if (grown or not page.is_shared) and self.holds(page):
            self._share(address, page)

    def shared(self, address: Address) -> Page | None:
        """Return the page that another process made, and keep it here too."""
        try:
            page = caches["pages"].get(self._shared_key(address))
        except UNREADABLE as error:
            logger.warning("a finished page could not be read: %s", type(error).__name__)
            return None
        if not isinstance(page, Page) or not self.holds(page):
            return None
        page.is_shared = True
        self.keep(address, page)
        return page

    def _make_room(self) -> None:
        """Let the oldest page go, unless somebody asked for it since it last came up here."""
        address, page = next(iter(self.pages.items()))
        del self.pages[address]
        if page.was_asked:
            page.was_asked = False
            self.pages[address] = page
        else:
            self.kept_bytes -= page.size()

    def _share(self, address: Address, page: Page) -> None:
        page.is_shared = True
        try:
            caches["pages"].set(self._shared_key(address), page, SHARED_SECONDS)
        except OSError as error:  # a full disk: this process still has the page
            logger.warning("a finished page could not be shared: %s", type(error).__name__)

    def _shared_key(self, address: Address) -> str:
        return hashlib.sha256(repr((self.release, address)).encode()).hexdigest()
