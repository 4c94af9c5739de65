import copy, torch
from torch import nn
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 32), nn.ReLU(), nn.Linear(32, o))
actor, c1, c2 = mlp(2, 1), mlp(3, 1), mlp(3, 1); ta, t1, t2 = map(copy.deepcopy, (actor, c1, c2))
oa = torch.optim.Adam(actor.parameters(), 1e-3); oc = torch.optim.Adam([*c1.parameters(), *c2.parameters()], 1e-3)
S = torch.randn(500, 2); A = torch.rand(500, 1) * 2 - 1; R = -(S[:, :1] + A).abs(); S2 = S + 0.1 * A
for step in range(80):
    i = torch.randint(0, 500, (64,)); s, a, r, s2 = S[i], A[i], R[i], S2[i]
    with torch.no_grad():
        a2 = (ta(s2).tanh() + (0.2 * torch.randn_like(a)).clamp(-0.5, 0.5)).clamp(-1, 1); x2 = torch.cat([s2, a2], 1); y = r + 0.9 * torch.min(t1(x2), t2(x2))
    x = torch.cat([s, a], 1); loss = nn.functional.mse_loss(c1(x), y) + nn.functional.mse_loss(c2(x), y); oc.zero_grad(); loss.backward(); oc.step()
    if step % 2 == 0:
        la = -c1(torch.cat([s, actor(s).tanh()], 1)).mean(); oa.zero_grad(); la.backward(); oa.step()
        for n, t in ((actor, ta), (c1, t1), (c2, t2)):
            for p, q in zip(n.parameters(), t.parameters()): q.data.copy_(0.99 * q.data + 0.01 * p.data)
