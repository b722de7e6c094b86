#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "opt.h"

_Noreturn void
opt_help(const char *text)
{
	fputs(text, stdout);
	opt_finish(EX_OK);
}

_Noreturn void
opt_usage(int status, const char *fmt, ...)
{
	va_list ap;
	fprintf(stderr, "%s: ", log_prog());
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\ntry: %s -h\n", log_prog());
	exit(status);
}

_Noreturn void
opt_finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write standard output: %s\n", log_prog(),
			strerror(errno));
		exit(EX_TEMPFAIL);
	}
	exit(status);
}
