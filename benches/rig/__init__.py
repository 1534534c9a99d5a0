"""What every benchmark needs: a hub, its best rival, a client that costs nearly nothing, and one way to tell the result."""
