"""A simulated node's drive C:, by the rules of Windows: names ignore case, paths take both slashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ntpath import dirname, normpath

_folder_of = lru_cache(maxsize=4096)(dirname)
"""Asked for every file of a node, for every folder that a script looks into."""


@dataclass(slots=True)
class DiskFile:
    path: str
    data: bytes
    modified: datetime


@lru_cache(maxsize=4096)
def _key(path: str) -> str:
    return normpath(path).lower()


class Disk:
    """The drive C: as far as the node uses it. Folders exist by themselves once something lies in them."""

    def __init__(self) -> None:
        self._files: dict[str, DiskFile] = {}
        self._folders: dict[str, str] = {}
        self.make_folder("C:\\")

    @staticmethod
    def key(path: str) -> str:
        return _key(path)

    def make_folder(self, path: str) -> None:
        path = normpath(path)
        while path and path.lower() not in self._folders:
            self._folders[path.lower()] = path
            path = dirname(path)

    def write(self, path: str, data: bytes, modified: datetime) -> None:
        path = normpath(path)
        self.make_folder(dirname(path))
        known = self._files.get(path.lower())
        self._files[path.lower()] = DiskFile(known.path if known else path, data, modified)

    def remove(self, path: str) -> None:
        self._files.pop(self.key(path), None)

    def remove_folder(self, path: str) -> None:
        """With everything in it."""
        key = self.key(path)
        for one in [one for one in self._files if one.startswith(key + "\\")]:
            del self._files[one]
        for one in [one for one in self._folders if one == key or one.startswith(key + "\\")]:
            del self._folders[one]

    def file(self, path: str) -> DiskFile | None:
        return self._files.get(self.key(path)) if path else None

    def is_folder(self, path: str) -> bool:
        return self.key(path) in self._folders

    def exists(self, path: str) -> bool:
        return bool(path) and (self.key(path) in self._files or self.key(path) in self._folders)

    def files_in(self, folder: str) -> list[DiskFile]:
        """Files that lie directly in a folder, as NTFS lists them: by name, case ignored."""
        key = self.key(folder)
        return [self._files[one] for one in sorted(self._files) if _folder_of(one) == key]

    def folders_in(self, folder: str) -> list[str]:
        """Full paths of the folders directly in a folder, by name."""
        key = self.key(folder)
        return [self._folders[one] for one in sorted(self._folders) if _folder_of(one) == key and one != key]

    def __iter__(self) -> Iterator[DiskFile]:
        return iter(list(self._files.values()))
