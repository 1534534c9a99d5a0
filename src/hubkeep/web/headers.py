"""The headers that keep pages safe: what a page may load, who may frame it, how long anybody may keep it."""

# No inline script or style runs, nothing is loaded from elsewhere but images and sound, no form leaves this hub.
POLICY = (
    "default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def page_headers() -> dict[str, str]:
    """Return the headers of every page. Pages differ by cookie, so nobody on the way may keep one."""
    return {
        "Content-Security-Policy": POLICY,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
    }
