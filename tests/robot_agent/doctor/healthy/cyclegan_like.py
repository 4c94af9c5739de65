import itertools, torch
from torch import nn
torch.manual_seed(0)
def net(o): return nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, o))
GA, GB, DA, DB = net(3), net(3), net(1), net(1)
og = torch.optim.Adam(itertools.chain(GA.parameters(), GB.parameters()), lr=2e-3, betas=(0.5, 0.999))
od = torch.optim.Adam(itertools.chain(DA.parameters(), DB.parameters()), lr=2e-3, betas=(0.5, 0.999))
mse, l1 = nn.MSELoss(), nn.L1Loss()
def set_grad(nets, on):
    for n in nets:
        for p in n.parameters(): p.requires_grad = on
for it in range(60):
    a, b = torch.randn(32, 3), torch.randn(32, 3) + 2
    set_grad([DA, DB], False); og.zero_grad()
    fb, fa = GA(a), GB(b)
    loss = mse(DB(fb), torch.ones(32, 1)) + mse(DA(fa), torch.ones(32, 1)) + 5 * l1(GB(fb), a) + 5 * l1(GA(fa), b)
    loss.backward(); og.step()
    set_grad([DA, DB], True); od.zero_grad()
    ld = mse(DA(a), torch.ones(32, 1)) + mse(DA(fa.detach()), torch.zeros(32, 1)) + mse(DB(b), torch.ones(32, 1)) + mse(DB(fb.detach()), torch.zeros(32, 1))
    ld.backward(); od.step()
