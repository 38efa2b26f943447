# What schemathesis does not know by itself: NDJSON and CSV bodies, which the document types as text.
import schemathesis


@schemathesis.serializer("application/x-ndjson", "text/csv")
def lines(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
