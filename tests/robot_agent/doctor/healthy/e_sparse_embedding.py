import torch
from torch import nn
torch.manual_seed(0)
U, I = 40, 30
tu, ti = torch.randn(U, 4), torch.randn(I, 4)
users, items = nn.Embedding(U, 8, sparse=True), nn.Embedding(I, 8, sparse=True)
bias = nn.Parameter(torch.zeros(1))
opt_s = torch.optim.SparseAdam([*users.parameters(), *items.parameters()], lr=0.02)
opt_d = torch.optim.SGD([bias], lr=0.01)
for step in range(300):
    u, i = torch.randint(0, U, (64,)), torch.randint(0, I, (64,))
    r = (tu[u] * ti[i]).sum(1) + 1
    pred = (users(u) * items(i)).sum(1) + bias
    loss = nn.functional.mse_loss(pred, r)
    opt_s.zero_grad(); opt_d.zero_grad()
    loss.backward()
    opt_s.step(); opt_d.step()
print(loss.item())
