/* hold.h: the commands below `mm-archive hold`; operands as commands.h has them, without
 * the words of the command. */
#ifndef MM_HOLD_H
#define MM_HOLD_H

#include "commands.h"

int hold_add(struct options *o, char **operands);
int hold_remove(struct options *o, char **operands);
int hold_list(struct options *o, char **operands);
int hold_find(struct options *o, char **operands);

#endif
