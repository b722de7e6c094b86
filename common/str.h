/* str.h: a view of bytes that somebody else owns.  Not NUL-terminated. */
#ifndef MM_STR_H
#define MM_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p; /* NULL means absent, as distinct from empty */
	size_t n;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : "" /* for "%.*s" */

static inline struct str
str_of(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}

static inline struct str
str_n(const char *p, size_t n)
{
	return (struct str){p, n};
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline struct str
str_skip(struct str s, size_t n)
{
	if (s.n == 0)
		return s;
	return n < s.n ? str_n(s.p + n, s.n - n) : str_n(s.p + s.n, 0);
}

/* ASCII case is folded in every ...i... function, never the locale's. */
bool str_ieq(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_iends(struct str s, struct str suffix);
bool str_icontains(struct str s, struct str part);
bool str_contains(struct str s, struct str part);

/* Without leading and trailing spaces, tabs, CR and LF. */
struct str str_trim(struct str s);

/* Cuts *rest at the first `sep`: returns what was before it and leaves in
 * *rest what comes after; at the last piece *rest becomes absent. */
struct str str_cut(struct str *rest, char sep);

/* The next run of bytes that are not spaces or tabs; empty at the end. */
struct str str_word(struct str *rest);

/* A NUL-terminated copy that the caller frees. */
char *str_dup(struct str s);

/* Copies into buf[size], cut to fit, always terminated.  Returns false if cut. */
bool str_copy(struct str s, char *buf, size_t size);

char ascii_lower(char c);

/* The text in lower case in buf, at most its first `size` octets: a view of buf. */
struct str str_lowered(struct str s, char *buf, size_t size);
bool str_is_ascii(struct str s); /* no octet above 127 */

#endif
