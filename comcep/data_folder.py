"""The data folder: made, and its owner's alone. Database, index, mails, secrets and backups lie in it, and each of them
holds what peers wrote; another account of the machine reads none of it.

What lies where in it is the business of those who write there.
"""

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

OTHERS = 0o077  # what group and everybody else may do: nothing
MANIFEST = "manifest.json"  # of a backup


class NoDataFolder(Exception):
    """A folder that cannot be a site's; the message says why, in French."""


def opened(path: Path | str) -> Path:
    """The folder, made if need be, closed to others with all that lies in it. Raises NoDataFolder.

    From now on whatever this process and its children make is closed to others, whoever's code makes it.
    """
    data = Path(path).resolve()
    os.umask(OTHERS)
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise NoDataFolder(f"le dossier {data} ne peut pas être créé ({error.strerror}).") from None
    if (data / MANIFEST).exists():  # whatever is opened there is changed, and is no backup any more
        raise NoDataFolder(f"{data} est une sauvegarde. Restaurez-la ailleurs : flask restore {data}")
    close_to_others(data)
    return data


def close_to_others(data: Path) -> None:
    """Take from others what they may do with a folder and all in it, as a copy or an older version left it."""
    refused = _close(data)
    for folder, folders, files in os.walk(data):
        for name in (*folders, *files):
            refused += _close(Path(folder) / name)
    if refused:
        logger.warning("%s entries of the data folder are open to other accounts and are not ours to close", refused)


def _close(path: Path) -> int:
    """How many could not be closed: 0 or 1."""
    with suppress(FileNotFoundError):  # written and gone meanwhile
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & OTHERS:
            return 0
        try:
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)
        except PermissionError:
            return 1
    return 0
