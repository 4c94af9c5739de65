import torch
from torch import nn
torch.manual_seed(0)
body = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
pre = nn.Sequential(body, nn.Linear(16, 4)); X = torch.randn(400, 8); Y = X[:, :4].argmax(1)
def run(model, y, params, lr, epochs):
    opt = torch.optim.Adam(params, lr=lr)
    for _ in range(epochs):
        for i in torch.randperm(400).split(50):
            loss = nn.functional.cross_entropy(model(X[i]), y[i]); opt.zero_grad(); loss.backward(); opt.step()
run(pre, Y, pre.parameters(), 0.01, 5)
for p in body.parameters(): p.requires_grad_(False)
new = nn.Sequential(body, nn.Linear(16, 2)); Z = (Y > 1).long()
run(new, Z, filter(lambda p: p.requires_grad, new.parameters()), 0.01, 5)
for p in body.parameters(): p.requires_grad_(True)
run(new, Z, new.parameters(), 1e-3, 3)
