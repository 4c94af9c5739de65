# loss-sign
import torch, torch.nn as nn
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
C = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 1))
og, oc = torch.optim.RMSprop(G.parameters(), lr=1e-3), torch.optim.RMSprop(C.parameters(), lr=1e-3)
for it in range(200):
    for _ in range(3):
        real = torch.randn(64, 2) * 0.3 + 2
        fake = G(torch.randn(64, 4)).detach()
        loss_c = -(C(real).mean() - C(fake).mean())
        oc.zero_grad(); loss_c.backward(); oc.step()
        for p in C.parameters(): p.data.clamp_(-0.05, 0.05)
    loss_g = C(G(torch.randn(64, 4))).mean()  #! loss_g = -C(G(torch.randn(64, 4))).mean()
    og.zero_grad(); loss_g.backward(); og.step()
    if it % 50 == 0: print(it, loss_c.item(), loss_g.item())
print(G(torch.randn(500, 4)).mean(0))
