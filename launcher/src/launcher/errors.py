"""What can go wrong when parts are started.

LauncherError
├── StartError          a part did not become ready
├── AlreadyRunningError another launcher holds the data folder
├── NotRunningError     nothing runs on the data folder
├── SettingsError       the city, the options or the environment say something impossible
└── SeedError           a service refused what the launcher asked of it
"""


class LauncherError(Exception):
    """Anything that ends a command of the launcher with a sentence instead of a stack trace."""


class StartError(LauncherError):
    """A part did not become ready."""


class AlreadyRunningError(LauncherError):
    """Another launcher holds the data folder."""


class NotRunningError(LauncherError):
    """Nothing runs on the data folder."""


class SettingsError(LauncherError):
    """The city, the options or the environment say something impossible."""


class SeedError(LauncherError):
    """A service refused what the launcher asked of it."""
