"""containerd's configuration on a node: which files are in force, and what they say of image and network plugins."""

from __future__ import annotations

import ntpath
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from checks.command_line import flag, same_path, windows_path
from checks.daemons import command_line, processes, service
from checks.facts import FileFact, NodeFacts, Problem
from checks.given import all_of, answer_of
from checks.tables import containerd_table, numbers
from checks.toml_file import TomlFile, read_toml


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and the file it stands in; the last file that has it wins."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class ConfigFile:
    path: str
    toml: TomlFile
    version: int
    """As the file names it; 1 where it names none."""


@dataclass(frozen=True, slots=True)
class Config:
    """What is in force. `files` empty: there is no file, containerd's own defaults hold."""

    path: str
    files: tuple[ConfigFile, ...]

    @property
    def broken(self) -> ConfigFile | None:
        """The first file that is no TOML."""
        return next((one for one in self.files if one.toml.fault), None)

    @property
    def image(self) -> Setting | None:
        found: Setting | None = None
        for file in self.files:
            for section in containerd_table().sections:
                value = file.toml.text(*section.image) if section.version == file.version else None
                found = Setting(value, file.path) if value else found
        return found

    def cni(self, key: str) -> Setting | None:
        found: Setting | None = None
        for file, keys in self._cni_sections():
            value = file.toml.text(*keys, key)
            found = Setting(windows_path(value), file.path) if value else found
        return found

    def plugin_folders(self) -> tuple[Setting, ...]:
        """`bin_dirs` (from 2.1) and the older `bin_dir`."""
        found: tuple[Setting, ...] = ()
        for file, keys in self._cni_sections():
            told = file.toml.texts(*keys, "bin_dirs") or ()
            one = file.toml.text(*keys, "bin_dir")
            named = tuple(Setting(windows_path(value), file.path) for value in (*told, one) if value)
            found = named or found
        return found

    def _cni_sections(self) -> Iterator[tuple[ConfigFile, tuple[str, ...]]]:
        for file in self.files:
            for section in containerd_table().sections:
                if section.version == file.version:
                    yield file, section.cni

    @property
    def misplaced(self) -> tuple[ConfigFile, str] | None:
        """A file whose image stands where another version of the file would have it: there it is not read."""
        for file in self.files:
            for section in containerd_table().sections:
                if section.version != file.version and file.toml.text(*section.image):
                    return file, ".".join(section.image)
        return None

    @property
    def without_cri(self) -> ConfigFile | None:
        """A file that switches off what kubelet talks to."""
        for file in self.files:
            for name in file.toml.texts("disabled_plugins") or ():
                if name in ("cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime"):
                    return file
        return None


def config_path(facts: NodeFacts) -> str | Problem:
    """The main file: where containerd's command line says, else its default place, or RKE2's."""
    table = containerd_table()
    line = command_line(facts, "containerd")
    if line is None:
        answers = all_of(processes(facts, "containerd"), service(facts, "containerd"), service(facts, "rke2"))
        if isinstance(answers, Problem):
            return answers
        running, _, rke2 = answers
        if running:
            return Problem("daemons.processes", "the command line of containerd.exe was not given out")
        return table.default_path if rke2 is None else table.rke2_path
    told = flag(line, "config") or flag(line, "c")
    return windows_path(told) if told and told != "true" else table.default_path


def config(facts: NodeFacts, version: tuple[int, ...] | Problem) -> Config | Problem:
    """The files in force, in the order in which they are read: the main one, then its imports."""
    answers = all_of(config_path(facts), answer_of(facts.profile, lambda one: one.containerd_config))
    if isinstance(answers, Problem):
        return answers
    path, told = answers
    main = next((one for one in told if same_path(one.path, path)), None)
    if main is None:
        return Problem("profile.containerd_config", f"{path} was not asked for")
    files: list[ConfigFile] = []
    for file in (main, *_imported(told, main, version)):
        if file.problem or file.present is None:
            return Problem("profile.containerd_config", f"{file.path}: {file.problem}")
        if file.present:
            files.append(_config_file(file))
    return Config(path, tuple(files))


def _config_file(file: FileFact) -> ConfigFile:
    toml = read_toml(file.data)
    named = toml.at("version")
    return ConfigFile(file.path, toml, named if isinstance(named, int) and named > 0 else 1)


def _imported(told: tuple[FileFact, ...], main: FileFact, version: tuple[int, ...] | Problem) -> tuple[FileFact, ...]:
    """Files that the main one imports, by pattern; from 2.2 a folder of drop-ins where it names none."""
    found: list[FileFact] = []
    for pattern in import_patterns(main, version):
        named = [one for one in told if _matches(one.path, pattern)]
        found += sorted(named, key=lambda one: one.path)
    return tuple(found)


def import_patterns(main: FileFact, version: tuple[int, ...] | Problem) -> tuple[str, ...]:
    """Patterns of imported files as full Windows paths."""
    table = containerd_table()
    toml = read_toml(main.data) if main.present else None
    told = toml.texts("imports") if toml is not None else None
    if told is None:
        is_new = not isinstance(version, Problem) and version >= numbers(table.drop_ins_from)
        return (table.drop_ins,) if is_new else ()
    folder = ntpath.dirname(main.path)
    return tuple(ntpath.normpath(ntpath.join(folder, windows_path(one))) for one in told)


def _matches(path: str, pattern: str) -> bool:
    return fnmatch(ntpath.normcase(windows_path(path)), ntpath.normcase(pattern).replace("[", "[[]"))
