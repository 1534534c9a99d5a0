"""Check the metadata of a README before it is committed."""

from hubkeep.repos.front_matter import FrontMatter, parse_front_matter
from hubkeep.repos.gate_form import gate_errors
from hubkeep.repos.types import Kind

SPACE_SDKS = ("gradio", "streamlit", "docker", "static")


def validate_yaml(text: str, kind: Kind) -> FrontMatter:
    """Return the front matter with every error and warning; an error refuses the commit."""
    found = parse_front_matter(text)
    errors = [*found.errors]
    for key in ("tags", "datasets", "language", "license", "base_model", "pipeline_tag", "library_name"):
        value = found.data.get(key)
        if value is not None and not _is_text(value, lists=key not in ("pipeline_tag", "library_name")):
            errors.append(
                f'"{key}" must be a string'
                + ("" if key in ("pipeline_tag", "library_name") else " or a list of strings")
            )
    sdk = found.data.get("sdk")
    if kind is Kind.SPACE and sdk is not None and sdk not in SPACE_SDKS:
        errors.append(f'"sdk" must be one of {", ".join(SPACE_SDKS)}')
    errors += gate_errors(found.data)
    return FrontMatter(found.data, tuple(errors), found.warnings)


def _is_text(value: object, *, lists: bool) -> bool:
    if isinstance(value, str | bool):  # `language: no` is a language to people and False to YAML
        return True
    return lists and isinstance(value, list) and all(isinstance(item, str | bool) for item in value)
