# kind: symmetric
import torch
torch.manual_seed(0)
x = torch.randn(200, 4)
y = (x[:, :1] * x[:, 1:2]).sign()
W1 = torch.zeros(4, 16, requires_grad=True)  #! W1 = (torch.randn(4, 16) * 0.5).requires_grad_()
b1 = torch.zeros(16, requires_grad=True)
W2 = torch.zeros(16, 1, requires_grad=True)  #! W2 = (torch.randn(16, 1) * 0.5).requires_grad_()
opt = torch.optim.Adam([W1, b1, W2], lr=0.02)
for i in range(300):
    out = torch.tanh(x @ W1 + b1) @ W2
    loss = ((out - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item())
