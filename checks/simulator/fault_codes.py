"""The numbers of a node's faults (wsmerror.h, winerror.h), and how SOAP names them."""

from __future__ import annotations

TIMED_OUT = 2150858793
SHELL_GONE = 2150858843
TOO_MANY_SHELLS = 2150859173
NOT_THE_SCHEMA = 2150858817
UNKNOWN_ACTION = 2150858771
NO_SUCH_RESOURCE = 2150858811
NOT_A_PARAMETER = 87
"""ERROR_INVALID_PARAMETER: a signal of no kind that there is, or to no command."""
ABORTED = 995
"""ERROR_OPERATION_ABORTED, for a Receive that waited when its shell was ended."""
LOCALE = 2150858887
BAD_CONTEXT = 2150858779
NOT_UNDERSTOOD = 0
"""A header that must be understood and is not: SOAP's own fault, without a number of WinRM."""
IN_USE = 183
"""ERROR_ALREADY_EXISTS, for an id that a client chose twice."""
KINDS = {
    5: ("Sender", "w:AccessDenied"),
    TIMED_OUT: ("Receiver", "w:TimedOut"),
    SHELL_GONE: ("Sender", "w:InvalidSelectors"),
    NOT_THE_SCHEMA: ("Sender", "w:SchemaValidationError"),
    UNKNOWN_ACTION: ("Sender", "a:ActionNotSupported"),
    NO_SUCH_RESOURCE: ("Sender", "a:DestinationUnreachable"),
    IN_USE: ("Sender", "w:AlreadyExists"),
    NOT_A_PARAMETER: ("Sender", "w:InvalidParameter"),
    LOCALE: ("Sender", "w:UnsupportedFeature"),
    BAD_CONTEXT: ("Receiver", "n:InvalidEnumerationContext"),
    TOO_MANY_SHELLS: ("Sender", "w:QuotaLimit"),
    2150859174: ("Sender", "w:QuotaLimit"),
    2150859179: ("Sender", "w:QuotaLimit"),
}
"""Code and subcode of SOAP's faults by WinRM's number, as wsmerror.h pairs them."""
