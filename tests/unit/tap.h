/* tap.h: TAP from C.  ok(condition, name...); is_str(got, expected, name...);
 * return done() from main. */
#ifndef MM_TAP_H
#define MM_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* For bounds of time: a build that checks itself is slower. */
#ifdef __SANITIZE_ADDRESS__
#define TAP_PATIENCE 10
#else
#define TAP_PATIENCE 1
#endif

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool
ok(bool good, const char *fmt, ...)
{
	va_list ap;
	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (!good) {
		va_start(ap, fmt);
		fprintf(stderr, "# not ok %d - ", tap_count);
		vfprintf(stderr, fmt, ap);
		fputc('\n', stderr);
		va_end(ap);
		tap_failed++;
	}
	return good;
}

__attribute__((unused)) static bool
is_strn(const char *got, size_t got_len, const char *expected, const char *name)
{
	bool same = got && got_len == strlen(expected) && memcmp(got, expected, got_len) == 0;
	if (!ok(same, "%s", name))
		fprintf(stderr, "# got:      \"%.*s\"\n# expected: \"%s\"\n", (int)got_len,
			got ? got : "(none)", expected);
	return same;
}

__attribute__((unused)) static bool
is_str(const char *got, const char *expected, const char *name)
{
	return is_strn(got, got ? strlen(got) : 0, expected, name);
}

__attribute__((unused)) static bool
is_int(long long got, long long expected, const char *name)
{
	if (!ok(got == expected, "%s", name))
		fprintf(stderr, "# got:      %lld\n# expected: %lld\n", got, expected);
	return got == expected;
}

__attribute__((unused)) static int
done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
