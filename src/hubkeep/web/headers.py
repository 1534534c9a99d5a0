"""The headers that keep pages safe: what a page may load, who may frame it, how long anybody may keep it."""

# No inline script or style runs, nothing is loaded from elsewhere but images and sound, no form leaves this hub.
POLICY = (
    "default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def page_headers(leads_to: str = "", sends_to: str = "") -> dict[str, str]:
    """Return the headers of every page. Pages differ by cookie, so nobody on the way may keep one.

    `leads_to` is the one other origin (or scheme) that the page's form may end at: browsers hold redirects to the policy, too.
    `sends_to` is the one other origin to which its script may make requests.
    """
    policy = POLICY.replace("form-action 'self'", f"form-action 'self' {leads_to}") if leads_to else POLICY
    if sends_to:
        policy += f"; connect-src 'self' {sends_to}"
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
    }
