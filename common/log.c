#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "utf8.h"

#define TYPICAL_LINE 512

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *prog_name = "mm";
static enum log_level lowest = LOG_INFO;

/* A closed one is given something that cannot be used either: else the next file that is
 * opened takes its place, and gets what is printed. */
static void
keep_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void
log_init(const char *prog)
{
	keep_standard_files();
	const char *slash = strrchr(prog, '/');
	prog_name = slash ? slash + 1 : prog;
	const char *wanted = getenv("MM_LOG");
	for (int i = 0; wanted && i < 4; i++)
		if (strcmp(wanted, level_names[i]) == 0)
			lowest = (enum log_level)i;
}

const char *
log_prog(void)
{
	return prog_name;
}

bool
log_wanted(enum log_level level)
{
	return level >= lowest;
}

/* Octets at the start of v that a terminal may see: one character, or 0. */
static size_t
printable_length(struct str v)
{
	size_t len = utf8_length(v);
	unsigned char c = (unsigned char)v.p[0];
	return c < ' ' || c == 0x7f || utf8_is_c1(str_n(v.p, len)) ? 0 : len;
}

static bool
needs_quotes(struct str v)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];
		if (c == ' ' || c == '"' || c == '=' || c == '\\')
			return true;
	}
	return v.n == 0 || utf8_text_length(v) < v.n;
}

static void
add_quoted(struct buf *b, struct str v)
{
	buf_addc(b, '"');
	for (size_t len; v.n; v = str_skip(v, len ? len : 1)) {
		len = printable_length(v);
		if (v.p[0] == '"' || v.p[0] == '\\')
			buf_addf(b, "\\%c", v.p[0]);
		else if (len == 0)
			buf_addf(b, "\\x%02x", (unsigned char)v.p[0]);
		else
			buf_add(b, v.p, len);
	}
	buf_addc(b, '"');
}

void
log_begin(struct logline *l, enum log_level level, const char *msg)
{
	*l = (struct logline){.wanted = log_wanted(level)};
	if (!l->wanted)
		return;
	buf_reserve(&l->text, TYPICAL_LINE);
	buf_addstr(&l->text, "level=");
	buf_addstr(&l->text, level_names[level]);
	buf_addstr(&l->text, " prog=");
	buf_addstr(&l->text, prog_name);
	log_cstr(l, "msg", msg);
}

static void
add_key(struct logline *l, const char *key)
{
	buf_addc(&l->text, ' ');
	buf_addstr(&l->text, key);
	buf_addc(&l->text, '=');
}

void
log_str(struct logline *l, const char *key, struct str value)
{
	if (!l->wanted || !value.p)
		return;
	add_key(l, key);
	if (needs_quotes(value))
		add_quoted(&l->text, value);
	else
		buf_adds(&l->text, value);
}

void
log_cstr(struct logline *l, const char *key, const char *value)
{
	log_str(l, key, str_of(value));
}

void
log_num(struct logline *l, const char *key, int64_t value)
{
	if (!l->wanted)
		return;
	add_key(l, key);
	buf_addnum(&l->text, value);
}

void
log_end(struct logline *l)
{
	if (l->wanted) {
		buf_addc(&l->text, '\n');
		(void)io_write_all(STDERR_FILENO, l->text.p, l->text.n);
	}
	buf_release(&l->text);
}

static void
log_va(enum log_level level, const char *fmt, va_list ap)
{
	struct buf msg = {0};
	struct logline l;
	buf_vaddf(&msg, fmt, ap);
	log_begin(&l, level, buf_cstr(&msg));
	log_end(&l);
	buf_release(&msg);
}

#define DEFINE_LOG(name, level) \
	void name(const char *fmt, ...) \
	{ \
		va_list ap; \
		va_start(ap, fmt); \
		log_va(level, fmt, ap); \
		va_end(ap); \
	}

DEFINE_LOG(log_debug, LOG_DEBUG)
DEFINE_LOG(log_info, LOG_INFO)
DEFINE_LOG(log_warn, LOG_WARN)
DEFINE_LOG(log_error, LOG_ERROR)

void
log_die(int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	log_va(LOG_ERROR, fmt, ap);
	va_end(ap);
	exit(status);
}
