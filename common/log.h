/* log.h: one logfmt line an event on standard error:
 *     level=info prog=mm-relay msg=delivered id=01KA... rcpt="<bob@example.org>"
 * Values with spaces, quotes, '=' or control characters are quoted and escaped,
 * so that what mail says can never forge a line.  $MM_LOG (debug, info, warn,
 * error; default info) is the lowest level written. */
#ifndef MM_LOG_H
#define MM_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_init(const char *prog); /* first thing in main */
const char *log_prog(void);
bool log_wanted(enum log_level level);

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_error, then exit(status). */
_Noreturn void log_die(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A line with fields: log_begin, any of the adders, log_end. */
struct logline {
	struct buf text;
	bool wanted;
};

void log_begin(struct logline *l, enum log_level level, const char *msg);
void log_str(struct logline *l, const char *key, struct str value); /* absent: no field */
void log_cstr(struct logline *l, const char *key, const char *value);
void log_num(struct logline *l, const char *key, int64_t value);
void log_end(struct logline *l);

#endif
