"""The headers of a message that a node must understand."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from checks.simulator.fault_codes import LOCALE, NOT_UNDERSTOOD

SOAP = "http://www.w3.org/2003/05/soap-envelope"
_KNOWN = frozenset(
    (
        *(
            "To",
            "ReplyTo",
            "From",
            "FaultTo",
            "RelatesTo",
            "Action",
            "MessageID",
            "ResourceURI",
            "SelectorSet",
            "OptionSet",
        ),
        *("MaxEnvelopeSize", "OperationTimeout", "Locale", "DataLocale", "SessionId", "OperationID", "SequenceId"),
        *("ActivityId", "CompressionType", "FragmentTransfer", "RequestEPR", "RequestTotalItemsCountEstimate"),
    )
)
"""By the names that they have in every namespace prefix."""


def refused_header(root: ET.Element) -> tuple[str, int] | None:
    """Why a message can't be answered, and the fault's number, over a header that must be understood and is not."""
    for header in root.iterfind(f"{{{SOAP}}}Header/*"):
        name = header.tag.rpartition("}")[2]
        if header.get(f"{{{SOAP}}}mustUnderstand", "").strip().lower() not in ("true", "1"):
            continue
        if name not in _KNOWN:
            return (
                "The WS-Management service cannot process a SOAP header that is marked as mustUnderstand.",
                NOT_UNDERSTOOD,
            )
        if name == "Locale":
            return "The WS-Management service cannot guarantee that all data is in the requested locale.", LOCALE
    return None
