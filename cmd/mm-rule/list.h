/* list.h: mm-rule list: the address lists of a site, changed whole. */
#ifndef MM_RULE_LIST_H
#define MM_RULE_LIST_H

/* argv[0] is "list".  Returns an exit status. */
int list_main(int argc, char **argv);

#endif
