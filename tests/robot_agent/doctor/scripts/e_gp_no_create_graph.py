# a gradient penalty without create_graph: it is a number that nothing learns from; kind: graph-cut
import torch
import torch.nn as nn

torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
gen = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))
opt_g = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.0, 0.9))


def gradient_penalty(real, fake):
    a = torch.rand(len(real), 1)
    mid = (a * real + (1 - a) * fake).requires_grad_(True)
    score = critic(mid)
    grad = torch.autograd.grad(score.sum(), mid)[0]  #! grad = torch.autograd.grad(score.sum(), mid, create_graph=True)[0]
    return ((grad.norm(2, dim=1) - 1) ** 2).mean()  #+


for it in range(100):
    real = torch.randn(64, 2) + 3
    fake = gen(torch.randn(64, 2))
    loss_c = critic(fake.detach()).mean() - critic(real).mean() + 10 * gradient_penalty(real, fake.detach())  #+
    opt_c.zero_grad()
    loss_c.backward()
    opt_c.step()
    if it % 3 == 0:
        loss_g = -critic(gen(torch.randn(64, 2))).mean()
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
print(loss_c.item())
