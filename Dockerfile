# The gateway as a container: `docker build -t jetway .`, then docker-compose.yml or your own orchestrator.
# The base image brings the Node that package.json pins for clones, so the optional binaries stay out.
FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /opt/jetway
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:26.10.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/jetway
COPY --from=dependencies /opt/jetway/node_modules node_modules
COPY package.json LICENSE ./
COPY migrations migrations
COPY schemas schemas
COPY src src
# Written to: the last signed checkpoint, which has to outlive the container and the database.
RUN install -d -o node -g node -m 0700 /var/lib/jetway
VOLUME /var/lib/jetway
USER node
EXPOSE 8443
# Everything else than the command is a setting (docs/operations.md); there is no shell in between, so that
# signals reach the process and it drains.
ENTRYPOINT ["node", "/opt/jetway/src/main.ts"]
CMD ["serve"]
