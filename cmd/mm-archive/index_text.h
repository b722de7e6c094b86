/* index_text.h: what the index has of the text of a message. */
#ifndef MM_INDEX_TEXT_H
#define MM_INDEX_TEXT_H

#include "mimetext.h"

/* Octets of body text that are indexed of a message. */
#define INDEX_BODY_MAX (512u << 10)

#define INDEX_WORDS 6 /* columns of words: sender recipient cc subject attachment body */

struct index_text {
	struct mimetext text; /* without its body */
	struct buf words[INDEX_WORDS];
};

/* Fills t, {0} or used before, from the octets of a message. */
void index_text_make(struct index_text *t, struct str octets);
void index_text_release(struct index_text *t);

#endif
