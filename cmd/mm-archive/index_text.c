#include "index_text.h"
#include "words.h"

void
index_text_make(struct index_text *t, struct str octets)
{
	mimetext_extract(&t->text, octets, INDEX_BODY_MAX);
	const struct buf *columns[INDEX_WORDS] = {&t->text.from, &t->text.to, &t->text.cc,
		&t->text.subject, &t->text.names, &t->text.body};
	for (int i = 0; i < INDEX_WORDS; i++) {
		buf_reset(&t->words[i]);
		words_folded(&t->words[i], buf_str(columns[i]));
	}
	buf_release(&t->text.body); /* which is the largest, and in the words */
}

void
index_text_release(struct index_text *t)
{
	mimetext_release(&t->text);
	for (int i = 0; i < INDEX_WORDS; i++)
		buf_release(&t->words[i]);
}
