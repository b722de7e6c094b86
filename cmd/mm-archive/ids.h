/* ids.h: ids of messages as people list them: operands, or one a line on standard input. */
#ifndef MM_IDS_H
#define MM_IDS_H

#include <stdbool.h>
#include <stddef.h>

/* All of them, sorted, each once; the caller frees each and the list.  0, or -1 after a
 * line that is no id, or the reason that ended them, was logged. */
int ids_read(char ***ids, size_t *n);

/* The same of operands, which end in a NULL. */
int ids_of(char **operands, char ***ids, size_t *n);

/* Has standard input come to its end?  Else the reason was logged. */
bool ids_were_read(void);

#endif
