#include <stdlib.h>
#include <string.h>

#include "highlight.h"
#include "mem.h"
#include "words.h"

struct mark {
	const char *column;
	char *word;
	bool prefix;
};

struct highlight {
	struct mark *marks;
	size_t n, cap;
};

static char *
folded_word(struct str word)
{
	struct buf folded = {0};
	words_folded(&folded, word);
	char *copy = str_dup(buf_str(&folded));
	buf_release(&folded);
	return copy;
}

static void
add_words(struct highlight *h, const struct query *q)
{
	struct str rest = str_of(q->text), word;
	struct mark *last = NULL;
	while (words_next(&rest, &word)) {
		h->marks = xgrow(h->marks, &h->cap, h->n + 1, sizeof(*h->marks));
		last = &h->marks[h->n++];
		*last = (struct mark){q->column, folded_word(word), false};
	}
	if (last)
		last->prefix = q->prefix;
}

/* What is wanted; not what is behind a NOT. */
static void
collect(struct highlight *h, const struct query *q)
{
	if (q->kind == QUERY_WORDS)
		add_words(h, q);
	else if (q->kind == QUERY_AND || q->kind == QUERY_OR)
		for (size_t i = 0; i < q->n; i++)
			collect(h, q->kids[i]);
}

struct highlight *
highlight_new(const struct query *q)
{
	struct highlight *h = xcalloc(1, sizeof(*h));
	collect(h, q);
	return h;
}

void
highlight_free(struct highlight *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		free(h->marks[i].word);
	free(h->marks);
	free(h);
}

static bool
wanted(const struct highlight *h, struct str word, const char *column)
{
	char *folded = folded_word(word);
	bool found = false;
	for (size_t i = 0; i < h->n && !found; i++) {
		const struct mark *m = &h->marks[i];
		if (m->column && column && strcmp(m->column, column) != 0)
			continue;
		found = m->prefix ? strncmp(folded, m->word, strlen(m->word)) == 0
				  : strcmp(folded, m->word) == 0;
	}
	free(folded);
	return found;
}

size_t
highlight_text(const struct highlight *h, struct buf *out, struct str text, const char *column,
	const char *on, const char *off)
{
	const char *from = text.p;
	struct str rest = text, word;
	size_t count = 0;
	while (h->n && words_next(&rest, &word)) {
		if (!wanted(h, word, column))
			continue;
		buf_add(out, from, (size_t)(word.p - from));
		buf_addstr(out, on);
		buf_adds(out, word);
		buf_addstr(out, off);
		from = word.p + word.n;
		count++;
	}
	buf_add(out, from, (size_t)(text.p + text.n - from));
	return count;
}
