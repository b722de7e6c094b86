#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "tap.h"

static int saved, fds[2];

static void
capture(void)
{
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	if (pipe(fds) < 0 || dup2(fds[1], STDERR_FILENO) < 0)
		exit(1);
	close(fds[1]);
}

static void
logged(const char *expected, const char *name)
{
	char got[4096];
	dup2(saved, STDERR_FILENO);
	close(saved);
	ssize_t n = read(fds[0], got, sizeof(got));
	close(fds[0]);
	is_strn(got, n > 0 ? (size_t)n : 0, expected, name);
}

static void
value(struct str v, const char *expected)
{
	struct logline l;
	char line[256];
	(void)snprintf(line, sizeof(line), "level=info prog=mm-x msg=m v=%s\n", expected);
	capture();
	log_begin(&l, LOG_INFO, "m");
	log_str(&l, "v", v);
	log_end(&l);
	logged(line, expected);
}

int
main(void)
{
	setenv("MM_LOG", "info", 1);
	log_init("/usr/bin/mm-x");
	is_str(log_prog(), "mm-x", "the program's name without its folder");
	capture();
	log_warn("cannot read %s", "it");
	logged("level=warn prog=mm-x msg=\"cannot read it\"\n", "a plain line");
	capture();
	log_debug("unwanted");
	logged("", "below $MM_LOG nothing is written");
	value(STR("plain-1.2/3:<a@b>"), "plain-1.2/3:<a@b>");
	value(STR(""), "\"\"");
	value(STR("a b"), "\"a b\"");
	value(STR("a=b"), "\"a=b\"");
	value(STR("a\"b\\c"), "\"a\\\"b\\\\c\"");
	value(STR("a\nlevel=error"), "\"a\\x0alevel=error\"");
	value(STR("\x1b[2J\x7f"), "\"\\x1b[2J\\x7f\"");
	value(str_n("a\0b", 3), "\"a\\x00b\"");
	value(STR("j\xc3\xb6"), "j\xc3\xb6");
	value(STR("\xc2\x9b\xff"), "\"\\xc2\\x9b\\xff\"");
	struct logline l;
	capture();
	log_begin(&l, LOG_ERROR, "m");
	log_str(&l, "absent", STR_NONE);
	log_num(&l, "n", -5);
	log_cstr(&l, "s", "x");
	log_end(&l);
	logged("level=error prog=mm-x msg=m n=-5 s=x\n", "absent fields are left out");
	return done();
}
