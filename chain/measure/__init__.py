"""Key figures of lead times on Faust: tables, timers and web views (see README). The only room that imports faust."""
