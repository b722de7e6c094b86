/* commands.h: what mm-verdict does beside giving verdicts.  Each takes its arguments
 * from its own name on and returns an exit status. */
#ifndef MM_VERDICT_COMMANDS_H
#define MM_VERDICT_COMMANDS_H

int command_sign(int argc, char **argv);
int command_seal(int argc, char **argv);

#endif
