"""nginx as the rival: sendfile for files, git http-backend by fcgiwrap for git."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benches.rig.process import free_port, running

_CONF = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {folder}/www; }}
        location ~ ^/git(/.*) {{
            fastcgi_pass unix:{folder}/fcgi.sock;
            fastcgi_request_buffering off;
            fastcgi_buffering off;
            fastcgi_read_timeout 600;
            fastcgi_param SCRIPT_FILENAME {backend};
            fastcgi_param GIT_PROJECT_ROOT {folder}/git;
            fastcgi_param GIT_HTTP_EXPORT_ALL 1;
            fastcgi_param GIT_PROTOCOL $http_git_protocol;
            fastcgi_param REMOTE_USER bench;
            fastcgi_param PATH_INFO $1;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
            fastcgi_param REMOTE_ADDR $remote_addr;
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """Serve `folder/www` as files and `folder/git` by http-backend; yield the base URL."""
    (folder / "www").mkdir(parents=True, exist_ok=True)
    (folder / "git").mkdir(exist_ok=True)
    port = free_port()
    backend = subprocess.run(
        ["git", "--exec-path"], check=True, capture_output=True, text=True
    ).stdout.strip()
    conf = folder / "nginx.conf"
    conf.write_text(_CONF.format(folder=folder, port=port, backend=f"{backend}/git-http-backend"))
    with _fcgiwrap(folder):
        url = f"http://127.0.0.1:{port}"
        with running([_nginx(), "-c", str(conf), "-p", str(folder)], url, folder / "nginx.out"):
            yield url


def _nginx() -> str:
    return shutil.which("nginx") or "/usr/sbin/nginx"


@contextlib.contextmanager
def _fcgiwrap(folder: Path) -> Iterator[None]:
    socket = folder / "fcgi.sock"
    program = shutil.which("fcgiwrap") or "/usr/sbin/fcgiwrap"
    # A group of its own: its children would stay when it ends.
    process = subprocess.Popen([program, "-c", "8", "-s", f"unix:{socket}"], process_group=0)
    try:
        for _ in range(100):
            if socket.exists():
                break
            time.sleep(0.05)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
