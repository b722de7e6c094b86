/* mailmanager_extensions.h: the actions that Mail Manager does not have,
 * mm-rules(5). */
#ifndef MM_MAILMANAGER_EXTENSIONS_H
#define MM_MAILMANAGER_EXTENSIONS_H

#include "schema.h"

extern const struct shape mm_stop;
extern const struct shape mm_hold;
extern const struct shape mm_remove_header;
extern const struct shape mm_replace_header;
extern const struct shape mm_subject_tag;
extern const struct shape mm_copy;
extern const struct shape mm_sign_dkim;
extern const struct shape mm_seal_arc;
extern const struct shape mm_exec;

#endif
