import SwaggerParser from '@apidevtools/swagger-parser';
import packageJson from '../../../package.json' with { type: 'json' };
import { problemsOf, toOpenApi } from '../../../shared/http/openapi.ts';
import { VERSION } from '../../../shared/http/openapi-texts.ts';
import { statusOf } from '../../../shared/http/problem-response.ts';
import { makeApiContract } from '../../support/api-contract.ts';
import { sampleRoutes } from '../../support/sample-routes.ts';

const MODES = ['entra', 'function-key'] as const;
type Document = Parameters<typeof SwaggerParser.validate>[0] & {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string; description: string }[];
  components: { securitySchemes: object };
};
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  parameters: { name: string; in: string; required: boolean; description?: string }[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
  security: Record<string, string[]>[];
}

/** As it comes over the wire. */
const documentOf = (mode: (typeof MODES)[number]) =>
  JSON.parse(JSON.stringify(toOpenApi(sampleRoutes(), mode))) as Document;
const operationsOf = ({ paths }: Document) =>
  Object.values(paths).flatMap((path) => Object.values(path));

describe.each(MODES)('The OpenAPI document (%s)', (mode) => {
  test('is valid for swagger-parser', async () => {
    await expect(SwaggerParser.validate(documentOf(mode))).resolves.toMatchObject({
      openapi: '3.1.0',
    });
  });

  test('holds schemas that are valid JSON Schema of 2020-12', () => {
    expect(makeApiContract(documentOf(mode)).compileAll()).toBeGreaterThan(0);
  });

  test('has every route, under its name', () => {
    const { paths } = documentOf(mode);
    for (const { name, method, path } of sampleRoutes()) {
      expect(paths[`/api/${path}`]?.[method.toLowerCase()]).toMatchObject({ operationId: name });
    }
    expect(operationsOf(documentOf(mode))).toHaveLength(sampleRoutes().length);
  });

  test('says in words what each operation does, what it takes, and what its tag is about', () => {
    const document = documentOf(mode);
    for (const { summary, parameters } of operationsOf(document)) {
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
      expect(parameters.filter(({ description }) => description === undefined)).toEqual([]);
    }
    for (const { name, description } of document.tags) expect(description).not.toBe(name);
  });

  test('says which problems a route can answer, by status', () => {
    const { paths } = documentOf(mode);
    for (const route of sampleRoutes()) {
      const responses = paths[`/api/${route.path}`]?.[route.method.toLowerCase()]?.responses;
      for (const code of problemsOf(route, mode)) {
        expect(responses?.[String(statusOf(code))]).toMatchObject({
          description: expect.stringContaining(`\`${code}\``) as string,
        });
      }
    }
  });

  test('asks for what its mode asks for', () => {
    const document = documentOf(mode);
    const schemes = Object.keys(document.components.securitySchemes);
    for (const { security } of operationsOf(document)) {
      expect(security.flatMap((one) => Object.keys(one))).toEqual(schemes);
    }
    expect(schemes).toEqual(mode === 'entra' ? ['entraToken', 'entraSession'] : ['functionKey']);
  });
});

describe('The OpenAPI document', () => {
  test("has the package's version", () => {
    expect(VERSION).toBe(packageJson.version);
  });

  test('names the role in the security of an operation that is signed in for', () => {
    const operation = documentOf('entra').paths['/api/sweeps']?.['post'];
    expect(operation?.security).toEqual([
      { entraToken: ['Certkeeper.Upload'] },
      { entraSession: ['Certkeeper.Upload'] },
    ]);
  });

  test('marks what is required, and what a query may leave out', () => {
    const operation = documentOf('entra').paths['/api/certificates/{vault}/{name}/sync']?.['post'];
    expect(
      operation?.parameters.map(({ name, in: place, required }) => ({ name, place, required })),
    ).toEqual([
      { name: 'vault', place: 'path', required: true },
      { name: 'name', place: 'path', required: true },
      { name: 'dryRun', place: 'query', required: false },
    ]);
  });
});
