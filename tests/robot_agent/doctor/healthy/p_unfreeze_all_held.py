import torch
from torch import nn
torch.manual_seed(0)
body = nn.Sequential(nn.Linear(8, 32), nn.ReLU()); head = nn.Linear(32, 3); x = torch.randn(400, 8); y = x[:, :3].argmax(1)
helper = nn.Linear(3, 3).requires_grad_(False)  # a fixed network, which a later loss uses
def train(parameters, epochs, extra=0.0):
    opt = torch.optim.Adam(parameters, lr=5e-3)
    for _ in range(epochs):
        for i in torch.randperm(400).split(40):
            out = head(body(x[i])); loss = nn.functional.cross_entropy(out, y[i])
            if extra: loss = loss + extra * helper(out).pow(2).mean()
            opt.zero_grad(); loss.backward(); opt.step()
for p in body.parameters(): p.requires_grad = False
train(head.parameters(), 4)
for p in body.parameters(): p.requires_grad = True
train([*body.parameters(), *head.parameters()], 6, 0.01)
# what each layer's gradient is at the end; nothing is trained here
for i in torch.arange(400).split(100): (nn.functional.cross_entropy(head(body(x[i])), y[i]) + helper(head(body(x[i]))).mean()).backward()
print([float(p.grad.norm()) for p in body.parameters()])
