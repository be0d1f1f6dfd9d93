# syntax=docker/dockerfile:1
# The function app on the official Functions host, for a storage account in Azure. AMD64 only, as its base image is.
# Build in the project's folder: docker build -f deploy/functions.Dockerfile -t imaginem-functions .
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run package -- --folder build/package

FROM mcr.microsoft.com/azure-functions/node:4-node24
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AzureWebJobsDisableHomepage=true \
    MALLOC_ARENA_MAX=2 \
    languageWorkers__node__arguments=--max-semi-space-size=4
COPY --from=build /app/build/package /home/site/wwwroot
