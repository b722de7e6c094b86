/* fold_case.h: case folding of UTF-8 beyond ASCII. */
#ifndef MM_FOLD_CASE_H
#define MM_FOLD_CASE_H

#include "str.h"

/* The text with its case folded, for comparing; the caller frees. */
char *fold_case(struct str text);

#endif
