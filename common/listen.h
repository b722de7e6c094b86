/* listen.h: listening stream sockets, non-blocking and closed on exec.  Each
 * returns the descriptor, or -1 after an error was logged. */
#ifndef MM_LISTEN_H
#define MM_LISTEN_H

/* spec: ADDR:PORT, [ADDR]:PORT, or :PORT for every address. */
int listen_tcp(const char *spec);

/* A socket that nobody listens on any more is replaced.  Everybody who can reach
 * the path may connect. */
int listen_unix(const char *path);

#endif
