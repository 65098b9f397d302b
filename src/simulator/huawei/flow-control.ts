/** The answers of Huawei Cloud's flow control and of its gateway (ECS API reference, "Error Codes"). */

export interface FlowAnswer {
  status: number;
  body: Record<string, unknown>;
}

const inError = (status: number, code: string, message: string): FlowAnswer => ({
  status,
  body: { error: { code, message } },
});
const ofGateway = (code: string): FlowAnswer => ({
  status: 429,
  body: { error_msg: 'The throttling threshold has been reached', error_code: code, request_id: 'the-gateway-s-own' },
});

const answers: Readonly<Record<string, FlowAnswer>> = {
  // Not accepted, though the status is 202.
  'Common.0024': inError(202, 'Common.0024', 'exceeds flow over limit'),
  'Common.1503': inError(503, 'Common.1503', 'Api flow control Error because of too many requests.'),
  // Whatever the state of the server is.
  'Ecs.0100': inError(400, 'Ecs.0100', 'The ECS status does not meet requirements.'),
  'Ecs.0603': inError(501, 'Ecs.0603', 'Other commands are being executed. Try again later.'),
  'APIG.0308': ofGateway('APIG.0308'),
  'APIGW.0308': ofGateway('APIGW.0308'),
};

/** The answer that a fault `flow:<code>` stands for. */
export function flowAnswer(code: string): FlowAnswer | undefined {
  return Object.hasOwn(answers, code) ? answers[code] : undefined;
}
