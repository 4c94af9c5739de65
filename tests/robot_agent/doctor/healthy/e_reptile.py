import copy, torch
from torch import nn
torch.manual_seed(0)
meta = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
for it in range(30):
    a, b = torch.rand(1) * 2 + 0.5, torch.rand(1) * 3
    model = copy.deepcopy(meta)
    inner = torch.optim.SGD(model.parameters(), lr=0.05)
    for k in range(5):
        x = torch.rand(16, 1) * 4 - 2
        loss = (model(x) - a * torch.sin(x + b)).pow(2).mean()
        inner.zero_grad(); loss.backward(); inner.step()
    with torch.no_grad():
        for p, q in zip(meta.parameters(), model.parameters()):
            p += 0.3 * (q - p)
print(loss.item())
