"""What only maintainers run."""

import sys

# jsonschema takes 3 s to load its grammar of addresses, which the form of a notebook lacks; it
# does without where there is none.
sys.modules.setdefault("rfc3987_syntax", None)
