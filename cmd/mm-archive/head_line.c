#include "head_line.h"
#include "base64.h"
#include "clock.h"
#include "mail_archive.h"
#include "num.h"

#define LINE_MAX_OCTETS 1000
#define WORDS 7

void
head_signed_text(
	struct buf *out, const char *archive, int64_t ms, uint64_t n, const struct hash_text *h)
{
	char time[CLOCK_RFC3339_SIZE];
	buf_addf(out, "mm-archive %s %s %llu %s", archive, clock_rfc3339(ms, time),
		(unsigned long long)n, h->s);
}

void
head_line_write(struct buf *out, const struct chain_head *head)
{
	head_signed_text(out, head->archive, head->time, head->line - 1, &head->previous);
	buf_addf(out, " %s %s", head->key, head->signature);
}

static int
split(struct str text, struct str words[WORDS])
{
	int n = 0;
	for (text = str_trim(text); text.n; text = str_trim(text)) {
		size_t end = 0;
		while (end < text.n && !strchr(" \t\r\n", text.p[end]))
			end++;
		if (n == WORDS || end == 0)
			return -1;
		words[n++] = str_n(text.p, end);
		text = str_skip(text, end);
	}
	return n == WORDS ? 0 : -1;
}

static bool
key_is_good(struct str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!((key.p[i] >= '0' && key.p[i] <= '9') ||
			    (key.p[i] >= 'a' && key.p[i] <= 'f')))
			return false;
	return key.n == SEAL_KEY_ID;
}

static bool
signature_is_good(struct str signature)
{
	struct buf octets = {0};
	bool good = base64_decode(signature, &octets) == 0 && octets.n == 64;
	buf_release(&octets);
	return good;
}

/* As clock_rfc3339() writes it, which is what was signed. */
static bool
take_time(struct head_line *l)
{
	char time[CLOCK_RFC3339_SIZE];
	return clock_parse_rfc3339(l->time, &l->ms) == 0 &&
	       str_eq(str_of(clock_rfc3339(l->ms, time)), l->time);
}

int
head_line_parse(struct head_line *l, struct str text, const char **why)
{
	struct str w[WORDS];
	*l = (struct head_line){0};
	*why = "expected mm-archive ARCHIVE TIME N HASH KEY SIGNATURE";
	if (text.n > LINE_MAX_OCTETS || memchr(text.p ? text.p : "", '\0', text.n) ||
		split(text, w) < 0 || !str_eq(w[0], STR("mm-archive")))
		return -1;
	l->archive = w[1];
	l->time = w[2];
	l->key = w[5];
	l->signature = w[6];
	*why = !mail_archive_name_valid(l->archive) ? "expected ARCHIVE, the name of one"
	       : !take_time(l) ? "expected a TIME such as 2026-11-22T10:00:00.000Z"
	       : num_u64(w[3], 1, INT64_MAX, &l->n) < 0 ? "expected N, a number of a line"
	       : hash_text_parse(w[4], &l->hash) < 0    ? "expected HASH, 64 hexadecimal digits"
	       : !key_is_good(l->key)                   ? "expected KEY, 32 hexadecimal digits"
	       : !signature_is_good(l->signature) ? "expected SIGNATURE, 64 octets in base64"
						  : NULL;
	return *why ? -1 : 0;
}
