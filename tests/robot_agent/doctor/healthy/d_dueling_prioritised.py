import copy, torch
from torch import nn
torch.manual_seed(0)
class Q(nn.Module):
    def __init__(self): super().__init__(); self.b, self.v, self.a = nn.Linear(3, 32), nn.Linear(32, 1), nn.Linear(32, 2)
    def forward(self, s): h = torch.relu(self.b(s)); a = self.a(h); return self.v(h) + a - a.mean(1, keepdim=True)
q = Q(); tq = copy.deepcopy(q); opt = torch.optim.Adam(q.parameters(), 3e-3)
S = torch.randn(500, 3); A = torch.randint(0, 2, (500,)); R = (A == (S[:, 0] > 0).long()).float(); N = S + 0.1; prio = torch.ones(500)
for step in range(100):
    i = torch.multinomial(prio, 64, replacement=True); w = (prio[i] * 500 / prio.sum()).reciprocal()
    with torch.no_grad(): target = R[i] + 0.9 * tq(N[i]).gather(1, q(N[i]).argmax(1, keepdim=True)).squeeze(1)
    td = q(S[i]).gather(1, A[i].unsqueeze(1)).squeeze(1) - target; loss = (w * td.pow(2)).mean()
    opt.zero_grad(); loss.backward(); opt.step(); prio[i] = td.detach().abs() + 0.01
    if step % 20 == 0: tq.load_state_dict(q.state_dict())
