/** Every command, in the order in which `jetway --help` lists them. */
import { agreementEndCommand } from './agreement-end.ts';
import { agreementListCommand } from './agreement-list.ts';
import { agreementApplyCommand, agreementPlanCommand } from './agreement-roll-out.ts';
import { certificateRevokeCommand } from './certificate-revoke.ts';
import type { Command } from './command.ts';
import { configShowCommand } from './config-show.ts';
import { consentDecideCommand } from './consent-decide.ts';
import { databaseMigrateCommand } from './database-migrate.ts';
import { deliveryListCommand } from './delivery-list.ts';
import { deliveryRetryCommand } from './delivery-retry.ts';
import { endpointListCommand } from './endpoint-list.ts';
import { endpointRemoveCommand, endpointSetCommand } from './endpoint-set.ts';
import { ledgerKeyCommand } from './ledger-key.ts';
import { ledgerRecoverCommand } from './ledger-recover.ts';
import { ledgerVerifyCommand } from './ledger-verify.ts';
import { participantAddCommand } from './participant-add.ts';
import { participantListCommand } from './participant-list.ts';
import { participantRestoreCommand, participantSuspendCommand } from './participant-status.ts';
import { partnerPollCommand } from './partner-poll.ts';
import { partnerPublishCommand } from './partner-publish.ts';
import { partnerReceiveCommand } from './partner-receive.ts';
import { registrationListCommand } from './registration-list.ts';
import { registrationResolveCommand } from './registration-resolve.ts';
import { sandboxCommand } from './sandbox.ts';
import { serveCommand } from './serve.ts';

export const commands: readonly Command[] = [
  sandboxCommand,
  serveCommand,
  configShowCommand,
  databaseMigrateCommand,
  participantAddCommand,
  participantListCommand,
  participantSuspendCommand,
  participantRestoreCommand,
  certificateRevokeCommand,
  agreementPlanCommand,
  agreementApplyCommand,
  agreementEndCommand,
  agreementListCommand,
  endpointSetCommand,
  endpointRemoveCommand,
  endpointListCommand,
  deliveryListCommand,
  deliveryRetryCommand,
  partnerReceiveCommand,
  partnerPublishCommand,
  partnerPollCommand,
  registrationListCommand,
  registrationResolveCommand,
  ledgerKeyCommand,
  ledgerVerifyCommand,
  ledgerRecoverCommand,
  consentDecideCommand,
];
