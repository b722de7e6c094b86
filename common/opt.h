/* opt.h: command-line manners that all programs share. */
#ifndef MM_OPT_H
#define MM_OPT_H

/* Prints the help text on standard output and exits 0. */
_Noreturn void opt_help(const char *text);

/* "mm-relay: FMT" and "try: mm-relay -h" on standard error, then exit(status):
 * EX_TEMPFAIL for a filter, so that mail waits; EX_USAGE for the rest. */
_Noreturn void opt_usage(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Ends a program that printed to stdout: flushes, and exits with EX_TEMPFAIL
 * instead of `status` if anything could not be written. */
_Noreturn void opt_finish(int status);

#endif
