"""The one error that a person can put right: input, a setting or a service that cannot be used."""


class UnusableError(Exception):
    """Says in one line what cannot be used, where, and what to do. The command line ends with status 2 on it.

    The text never holds an identity number or a name.
    """
